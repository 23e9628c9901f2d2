"""The packaged processes of `processes/`, as their tests look at them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import orjson

from engine.applications import Application, load_application
from engine.models import read_model
from engine.models.forms import Form, asker, read_form
from engine.models.model import Process
from engine.settings import fill_choices
from tests.builders import LI

PROCESSES: Final = Path(__file__).parents[1] / "processes"
FOLDERS: Final = sorted(path for path in PROCESSES.iterdir() if path.is_dir())
"""One a process: a new folder is tested by being there."""


@lru_cache
def packaged(name: str) -> Application:
    """The application of a folder of `processes/`."""
    return load_application(PROCESSES / name)


@lru_cache
def packaged_process(name: str) -> Process:
    """The one process of a packaged application."""
    files = packaged(name).files
    (process,) = (each for path in files if path.endswith(".bpmn") for each in read_model(files[path]).processes)
    return process


def forms(application: Application) -> Iterator[tuple[str, Form]]:
    """Path and form of every form, with the choices that stand in the settings, as Li sees it."""
    for path, content in application.files.items():
        if path.startswith("forms/"):
            yield path, read_form(fill_choices(orjson.loads(content), application.settings, asker(LI)))

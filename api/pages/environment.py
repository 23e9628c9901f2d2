"""The templates' environment: one a language, escaping everything, with the few helpers pages need."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api import assets
from api.i18n import LANGUAGES, NAMES, Language, Texts, texts

TEMPLATES = Path(__file__).parent.parent / "templates"


@cache
def environment(language: Language) -> Environment:
    """The environment of a language; templates are compiled once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    spoken = texts(language)
    made.install_gettext_callables(  # type: ignore[attr-defined] # added by the i18n extension
        spoken.gettext, spoken.ngettext, newstyle=True
    )
    made.policies["ext.i18n.trimmed"] = True
    plain = _plain_texts(spoken)
    made.globals.update(
        gettext=plain,
        _=plain,
        language=language,
        html_language="zh-Hans" if language == "zh" else "en",
        languages=[(code, NAMES[code]) for code in LANGUAGES],
        static=static,
        icon=icon,
        has_islands=has_islands,
    )
    made.filters.update(as_json=as_json, path_part=path_part, query=query)
    return made


def _plain_texts(spoken: Texts) -> Callable[..., Markup]:
    """What `_(…)` is in templates: as the extension's own, which looks each text up anew, at three calls a text."""
    ready: dict[str, Markup] = {}

    def gettext(message: str, /, **variables: object) -> Markup:
        if message not in ready:
            ready[message] = Markup(spoken.gettext(message))  # noqa: S704 - texts of ours
        return ready[message] % variables

    return gettext


def static(name: str) -> str:
    """The address of a built file; it changes when the file does, so browsers may keep it for good."""
    found = _built(int(time.monotonic()))
    return f"/static/{name}?v={found.stamp if found else '0'}"


def has_islands() -> bool:
    """Whether diagrams and partial updates were built."""
    found = _built(int(time.monotonic()))
    return found is not None and found.islands


@lru_cache(maxsize=1)
def _built(_second: int) -> assets.Assets | None:
    """What was built last, looked at once a second: a page asks a hundred times, once for each icon."""
    return assets.current()


def icon(name: str) -> Markup:
    """An icon of the sprite; never alone, always beside words or in a labelled button."""
    return _drawn(static("icons.svg"), name)


@lru_cache(maxsize=200)
def _drawn(sprite: str, name: str) -> Markup:
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>').format(sprite, name)


def as_json(value: Any) -> str:
    """JSON as text, to be escaped where it stands; for data attributes and code."""
    return json.dumps(value, ensure_ascii=False, default=str)


def path_part(value: str) -> str:
    """A value as one segment of an address."""
    return quote(value, safe="")


def query(values: dict[str, object]) -> str:
    """Values as the query of an address, empty ones left out; '' if all are."""
    kept = {k: v for k, v in values.items() if v not in (None, "", False)}
    return f"?{urlencode(kept)}" if kept else ""

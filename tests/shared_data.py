"""Data that lies beside the checkout, not in it: third-party logs under terms of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared"


def shared(path: str) -> Path:
    """A file of ../shared, such as 'logs/receipt.xes.gz'.

    Where it is absent the test is skipped; under CI (the variable `CI` is set) it fails, because a check
    that silently stops running is no check.
    """
    found = _BESIDE / path
    if found.exists():
        return found
    message = f"Expected the shared file {path} at {found}, but it is not there."
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)

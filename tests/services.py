"""What a test does when a service it needs is not there."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def service_missing(message: str) -> NoReturn:
    """Skip the test with `message`; fail it where CIVIFLOW_REQUIRE_SERVICES=1 says that all are there."""
    if os.environ.get("CIVIFLOW_REQUIRE_SERVICES") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)

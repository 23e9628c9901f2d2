"""So that an assertion which fails outside the test modules shows its values."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.properties.agreement", "tests.properties.machine")

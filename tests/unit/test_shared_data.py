"""A test without its shared data is skipped by hand and fails in CI."""

from __future__ import annotations

import pytest

from tests.shared_data import shared


def test_absent_data_skip_the_test_with_the_file_s_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match=r"logs/nowhere\.xes"):
        shared("logs/nowhere.xes")


def test_absent_data_fail_the_test_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match=r"logs/nowhere\.xes"):
        shared("logs/nowhere.xes")

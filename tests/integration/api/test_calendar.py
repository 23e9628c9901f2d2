"""The calendar over REST and on the command line: what is in force, and putting another in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integration.cli.test_command_line import Console
from tests.site import Site

SNOW: dict[str, Any] = {"days": {"2026-11-23": {"hours": "off", "name": "大雪"}}}


def test_a_calendar_is_published_read_back_and_kept_in_the_history(site: Site) -> None:
    with site.client("root") as root, site.client("chen") as chen:
        before = chen.get("/api/v1/calendar", params={"year": 2027}).json()
        first = root.put("/api/v1/calendar", json={"calendar": SNOW, "note": "storm", "base": 0})
        in_force = chen.get("/api/v1/calendar", params={"year": 2026}).json()
        second = root.put("/api/v1/calendar", json={"yaml": "holidays: none", "base": 1})
        history = chen.get("/api/v1/calendar/versions").json()["items"]

    assert (before["version"], before["provisional"], before["workdays"]) == (0, True, 254)
    assert {day["day"] for day in before["days"]} >= {"2027-02-05", "2027-10-03"}
    assert first.json()["version"] == 1
    assert in_force["calendar"]["days"] == SNOW["days"]
    assert {"day": "2026-11-23", "kind": "site-off", "hours": [], "name": "大雪", "name_zh": "大雪"} in in_force["days"]
    assert second.json()["version"] == 2
    assert [(each["version"], each["note"], each["published_by"]) for each in history] == [
        (2, "", "root"),
        (1, "storm", "root"),
    ]


def test_what_cannot_be_published_says_why(site: Site) -> None:
    with site.client("root") as root:
        wrong = root.put("/api/v1/calendar", json={"calendar": {"days": {"2026-13-01": "off"}}})
        nothing = root.put("/api/v1/calendar", json={"note": "nothing"})
        stale = root.put("/api/v1/calendar", json={"calendar": SNOW, "base": 7})

    assert wrong.status_code == 422
    assert "Expected a date such as 2026-11-23 under 'days' but got '2026-13-01'" in wrong.json()["detail"]
    assert nothing.status_code == 422
    assert nothing.json()["errors"][0]["field"] == "calendar"
    assert stale.status_code == 412


def test_the_command_line_shows_publishes_and_exports(tmp_path: Path) -> None:
    civiflow = Console(tmp_path / "var")
    file, bad = tmp_path / "snow.yaml", tmp_path / "bad.yaml"
    file.write_text("days: {2026-11-23: {hours: off, name: 大雪}}\n", encoding="utf-8")
    bad.write_text("days:\n  2026-11-33: off\n", encoding="utf-8")

    tried = civiflow("calendar", "publish", file, "--dry-run")
    published = civiflow("calendar", "publish", file, "--note", "storm", "--recalculate")
    shown = civiflow("calendar", "show", "2026", "--language", "zh")
    refused = civiflow("calendar", "publish", bad)

    assert "2026-11-23 08:30–12:00, 13:30–18:00 → off  大雪" in tried.stdout
    assert "Nothing was published" in tried.stderr
    assert "Version 1 of the calendar is in force." in published.stdout
    assert "0 deadlines changed in 0 running cases." in published.stdout
    assert "× 2026-11-23  off  大雪" in shown.stdout
    assert "* 2026-02-17  off  春节" in shown.stdout
    assert "Provisional" in civiflow("calendar", "show", "2027").stdout
    assert "storm" in civiflow("calendar", "show", "--history").stdout
    assert civiflow("calendar", "export").stdout == file.read_text("utf-8")
    assert refused.returncode == 1
    assert "bad.yaml, line 2" in refused.stderr

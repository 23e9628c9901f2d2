"""Whoever holds a code may ask about its document, and learns nothing else; whoever guesses has to wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import document_commands as dc
from engine.clock import FakeClock
from engine.contracts.principal import SYSTEM
from engine.document_codes import new_code
from tests.site import Site

PUBLIC = {
    "code", "state", "title", "number", "issuer", "issued_on", "size", "sha256", "revoked_at", "reason",
}  # fmt: skip


def test_a_stranger_with_the_code_learns_what_was_issued_and_nothing_of_the_case(site: Site) -> None:
    document = site.document(site.start("chen"))

    with site.stranger() as client:
        answer = client.get(f"/api/v1/documents/{document.code.lower()}")

    assert answer.status_code == 200
    assert set(answer.json()) == PUBLIC
    assert document.file is not None and answer.json()["sha256"] == document.file.sha256
    assert document.instance_id not in answer.text and document.business_key not in answer.text


def test_a_revoked_document_says_so_and_why(site: Site) -> None:
    document = site.document(site.start("chen"))
    site.engine.execute(dc.RevokeDocument(document_id=document.id, reason="附件有误"), by=SYSTEM)

    with site.stranger() as client:
        answer = client.get(f"/api/v1/documents/{document.code}").json()

    assert (answer["state"], answer["reason"]) == ("revoked", "附件有误")


@pytest.mark.parametrize("typed", ["AAAA-AAAA-AAAA-AAAB", "x", "0O1I", "%00", "A" * 2000])
def test_what_cannot_be_a_code_is_told_without_counting(shared_site: Site, typed: str) -> None:
    with shared_site.stranger() as client:
        answers = [client.get(f"/api/v1/documents/{typed}") for _ in range(25)]

    assert {answer.status_code for answer in answers} <= {422, 404}
    assert 429 not in {answer.status_code for answer in answers}


def test_guessing_is_slowed_down_for_the_guesser_and_forgotten_after_a_while(site: Site, clock: FakeClock) -> None:
    document = site.document(site.start("chen"))

    with site.stranger() as client:
        guesses = [client.get(f"/api/v1/documents/{new_code()}").status_code for _ in range(22)]
        blocked = client.get(f"/api/v1/documents/{document.code}")
        clock.advance(timedelta(minutes=1))
        later = client.get(f"/api/v1/documents/{document.code}")

    assert guesses[:20] == [404] * 20 and guesses[-1] == 429
    assert blocked.status_code == 429 and int(blocked.headers["retry-after"]) >= 1
    assert later.status_code == 200


def test_the_register_is_for_staff_and_their_cases(site: Site) -> None:
    document = site.document(site.start("chen"))

    def listed(username: str, **params: str) -> list[str]:
        with site.client(username) as client:
            answer = client.get("/api/v1/documents", params=params)
        assert answer.status_code == 200
        return [row["code"] for row in answer.json()["items"]]

    assert listed("su") == listed("li") == listed("su", search="路面", year="2026") == [document.code]
    assert listed("chen") == listed("zhao") == listed("su", year="2025") == []

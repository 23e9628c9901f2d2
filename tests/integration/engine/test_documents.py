"""The register: numbers without gaps, codes that stay, seals that hold, revocation, the archive."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from api.embedded_bots import BOTS, job_contexts
from bots.builtin.archive import archive_documents
from bots.builtin.document import render_document
from bots.builtin.number import assign_number
from bots.builtin.revoke import revoke_document
from bots.registry import builtin_registry
from bots.worker import Worker
from engine import Engine, FakeClock
from engine import commands as c
from engine import document_commands as dc
from engine.contracts.documents import DocumentRegister
from engine.contracts.jobs import Job, JobContext, JobResult
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import Forbidden, InvalidInput, NotFound, WrongState
from engine.filters import RegisterFilter
from engine.store.document_tables import issued_document
from tests.builders import ADMIN, BOSS, CITIZEN, LI, ZHAO, process, service, user
from tests.desk import Desk

PERMIT = b"""
#let d = json("data.json")
#set page(width: 120mm, height: 90mm)
#d.tree #sys.inputs.verification_code
#image(sys.inputs.qr, width: 20mm)
#link(sys.inputs.verification_url)
"""
HEADERS = {
    "template": "permit.typ",
    "output": "砍伐许可-{tree}.pdf",
    "verification": "true",
    "title": "砍伐许可（{tree}）",
    "number": "{document_number}",
    "issuer": "澄湾市园林绿化局",
}


def headers(**values: str) -> str:
    listed = "".join(f'<zeebe:header key="{key}" value="{value}"/>' for key, value in values.items())
    return f"<zeebe:taskHeaders>{listed}</zeebe:taskHeaders>"


TREE = process(
    "tree",
    "start -> decide -> count -> write -> check -> take_back -> keep -> end",
    user("decide"),
    service("count", "number.assign", more=headers(series="澄园许〔{year}〕")),
    service("write", "document.render", more=headers(**HEADERS)),
    user("check"),
    service("take_back", "document.revoke", more=headers(reason="错字：{error}")),
    service("keep", "documents.archive", more=headers(title="{tree}", number="{document_number}")),
)


@pytest.fixture
def case(desk: Desk) -> str:
    """A case whose next job is to count."""
    desk.deploy(TREE, **{"templates/permit.typ": PERMIT})
    started = desk.start("tree", tree="银杏", error="“杏”字误作“否”")
    desk.complete(desk.task(started.instance_id).id)
    return started.instance_id


def context_of(engine: Engine, job: Job) -> JobContext:
    with TemporaryDirectory() as folder:
        return job_contexts(engine, site_url="https://verify.example")(job, Path(folder))


def run(desk: Desk, topic: str, bot: Callable[[Job, JobContext], JobResult]) -> JobResult:
    """Let a bot do the one job of its topic, here in the test's own process."""
    (job,) = desk.take(topic)
    result = bot(job, context_of(desk.engine, job))
    desk.finish(job, **result.variables)
    return result


def register_of(desk: Desk, topic: str) -> tuple[Job, DocumentRegister]:
    (job,) = desk.take(topic)
    return job, desk.engine.register(job, BOTS)


def issued(desk: Desk) -> str:
    """Bring the case to the check; gives the code."""
    run(desk, "number.assign", assign_number)
    return str(run(desk, "document.render", render_document).variables["document_code"])


def test_a_series_counts_from_one_without_gaps_and_a_key_keeps_its_number(desk: Desk) -> None:
    def take(series: str, key: str) -> int:
        number: int = desk.engine.execute(dc.TakeNumber(series=series, key=key), by=ADMIN)
        return number

    first = [take("甲〔2026〕", key) for key in ("a", "b", "a", "c")]
    other = take("乙〔2026〕", "a")

    assert first == [1, 2, 1, 3]
    assert other == 1


def test_workers_at_once_never_get_the_same_number_and_leave_no_gap(desk: Desk) -> None:
    def take(n: int) -> int:
        number: int = desk.engine.execute(dc.TakeNumber(series="甲", key=f"case {n // 2}"), by=ADMIN)
        return number

    with ThreadPoolExecutor(10) as pool:
        numbers = list(pool.map(take, range(60)))  # each key asked for twice

    assert numbers[0::2] == numbers[1::2]
    assert sorted(numbers[0::2]) == list(range(1, 31))


def test_a_number_whose_command_fails_is_given_to_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.engine.execute(dc.TakeNumber(series="甲", key="a"), by=ADMIN)
    with monkeypatch.context() as broken:
        broken.setattr("engine.engine.write_receipt", lambda *_: 1 / 0)  # after the number was taken
        with pytest.raises(ZeroDivisionError):
            desk.engine.execute(dc.TakeNumber(series="甲", key="b"), by=ADMIN, key="once")

    number = desk.engine.execute(dc.TakeNumber(series="甲", key="c"), by=ADMIN)

    assert number == 2


@pytest.mark.parametrize("who", [LI, CITIZEN])
def test_numbers_codes_and_seals_are_not_for_people(desk: Desk, case: str, who: Principal) -> None:
    asked = (
        dc.TakeNumber(series="甲", key="a"),
        dc.ReserveDocument(instance_id=case, key="a"),
        dc.SealDocument(instance_id=case, key="a", file_id=case, title="x", issued_on="2026-01-01"),
        dc.ArchiveCase(instance_id=case, key="a", file_id=case, number="", title="x", year=2026, files=0),
    )

    for command in asked:
        with pytest.raises(Forbidden):
            desk.engine.execute(command, by=who)


def test_a_bot_reaches_only_the_case_it_has_a_job_in(desk: Desk, case: str) -> None:
    other = desk.start("tree", tree="槐", error="").instance_id
    desk.take("number.assign")

    with pytest.raises(NotFound):
        desk.engine.execute(dc.ReserveDocument(instance_id=other, key="a"), by=BOTS)
    assert desk.engine.execute(dc.ReserveDocument(instance_id=case, key="a"), by=BOTS).state == "reserved"


def test_a_document_is_rendered_with_its_code_and_sealed(desk: Desk, case: str) -> None:
    code = issued(desk)

    variables = desk.see(case).variables
    proof = desk.engine.read(CITIZEN).document_proof(code)
    file = desk.see(case).attachments[-1]
    assert variables["document_number"] == "澄园许〔2026〕1号"
    assert (proof.state, proof.title, proof.number) == ("valid", "砍伐许可（银杏）", "澄园许〔2026〕1号")
    assert (proof.issuer, proof.issued_on) == ("澄湾市园林绿化局", "2026-11-16")
    assert proof.sha256 == file.ref.sha256 == variables["document"]["sha256"]  # type: ignore[index]
    desk.assert_sound()


def test_a_second_attempt_gives_the_same_number_code_and_bytes(desk: Desk, case: str, clock: FakeClock) -> None:
    (counting,) = desk.take("number.assign")
    first = assign_number(counting, context_of(desk.engine, counting))
    desk.fail(counting)
    clock.advance(timedelta(minutes=10))
    assert run(desk, "number.assign", assign_number) == first

    job, register = register_of(desk, "document.render")
    before = register.reserve(key=job.idempotency_key)  # this attempt dies here
    clock.advance(timedelta(minutes=10))
    desk.engine.sweep()
    clock.advance(timedelta(minutes=10))
    (job,) = desk.take("document.render")
    one = render_document(job, context_of(desk.engine, job))
    two = render_document(job, context_of(desk.engine, job))

    assert one == two
    assert one.variables["document_code"] == before.code
    assert len(desk.see(case).attachments) == 1


def test_the_seal_is_for_one_file_for_good(desk: Desk, case: str) -> None:
    run(desk, "number.assign", assign_number)
    job, register = register_of(desk, "document.render")
    key = job.idempotency_key
    files = desk.engine.jobs(BOTS).files(job)
    one, two = (files.attach(name=f"{n}.txt", content=n.encode(), media_type="text/plain") for n in ("one", "two"))

    with pytest.raises(NotFound, match="reserve it first"):
        register.seal(key=key, file_id=one.id, title="x", issued_on="2026-11-16")
    register.reserve(key=key)
    with pytest.raises(NotFound, match="attach it first"):
        register.seal(key=key, file_id=case, title="x", issued_on="2026-11-16")
    with pytest.raises(InvalidInput, match="a date such as"):
        register.seal(key=key, file_id=one.id, title="x", issued_on="今天")
    sealed = register.seal(key=key, file_id=one.id, title="x", issued_on="2026-11-16")
    again = register.seal(key=key, file_id=one.id, title="y", issued_on="2026-11-17")
    with pytest.raises(WrongState, match="another"):
        register.seal(key=key, file_id=two.id, title="x", issued_on="2026-11-16")

    assert again == sealed


def test_two_attempts_that_seal_at_once_get_the_same_entry(desk: Desk, case: str, clock: FakeClock) -> None:
    run(desk, "number.assign", assign_number)
    job, register = register_of(desk, "document.render")
    key = job.idempotency_key
    file = desk.engine.jobs(BOTS).files(job).attach(name="one.txt", content=b"1", media_type="text/plain")
    reserved = register.reserve(key=key)
    digest = bytes.fromhex(file.sha256)
    values = {"state": "valid", "attachment_id": file.id, "sha256": digest, "sealed_at": clock.now()}

    with ThreadPoolExecutor(1) as pool:
        with desk.engine._database.write() as first:
            first.execute(issued_document.update().where(issued_document.c.code == reserved.code).values(values))
            second = pool.submit(register.seal, key=key, file_id=file.id, title="x", issued_on="2026-11-16")
            wait([second], timeout=1)  # for the row
        entry = second.result()

    assert (entry.code, entry.state, entry.file) == (reserved.code, "valid", file)


def test_a_reserved_code_proves_nothing_yet(desk: Desk, case: str) -> None:
    job, register = register_of(desk, "number.assign")
    code = register.reserve(key=job.idempotency_key).code

    with pytest.raises(NotFound):
        desk.engine.read(SYSTEM).document_proof(code)
    assert register.issued() == ()


def test_a_process_can_take_a_document_back_with_a_reason(desk: Desk, case: str) -> None:
    code = issued(desk)
    desk.complete(desk.task(case).id)

    run(desk, "document.revoke", revoke_document)

    proof = desk.engine.read(CITIZEN).document_proof(code)
    assert (proof.state, proof.reason) == ("revoked", "错字：“杏”字误作“否”")


def test_supervisors_revoke_once_and_others_may_not(desk: Desk, case: str) -> None:
    issued(desk)
    (entry,) = desk.engine.read(BOSS).issued_documents(RegisterFilter()).items

    with pytest.raises(Forbidden):
        desk.engine.execute(dc.RevokeDocument(document_id=entry.id, reason="x"), by=LI)
    with pytest.raises(NotFound):
        desk.engine.execute(dc.RevokeDocument(document_id=entry.id, reason="x"), by=ZHAO)
    with pytest.raises(InvalidInput, match="reason"):
        desk.engine.execute(dc.RevokeDocument(document_id=entry.id, reason=" \n "), by=BOSS)
    first = desk.engine.execute(dc.RevokeDocument(document_id=entry.id, reason="依据有误"), by=BOSS)
    again = desk.engine.execute(dc.RevokeDocument(document_id=entry.id, reason="另一原因"), by=ADMIN)

    assert first.state == "revoked" and first.revoked_by == BOSS.id
    assert again == first


def test_the_archive_holds_every_file_and_their_index(desk: Desk, case: str) -> None:
    code = issued(desk)
    upload = desk.engine.execute(c.AddAttachment(name="附图:一.txt", content=b"map", instance_id=case), by=LI)
    desk.complete(desk.task(case).id)
    run(desk, "document.revoke", revoke_document)

    (job,) = desk.take("documents.archive")
    context = context_of(desk.engine, job)
    one, two = archive_documents(job, context), archive_documents(job, context)
    desk.finish(job, **one.variables)

    assert one == two
    (entry,) = desk.engine.read(LI).archived_cases(RegisterFilter(search="银杏", year=2026)).items
    assert (entry.number, entry.files, entry.file.media_type) == ("澄园许〔2026〕1号", 2, "application/zip")
    volume = zipfile.ZipFile(BytesIO(desk.engine.read(LI).attachment(entry.file.id)[1]))
    index = json.loads(volume.read("index.json"))
    permit, drawing = index["files"]
    assert (permit["number"], permit["pages"], permit["state"]) == ("澄园许〔2026〕1号", 1, "revoked")
    assert permit["verificationCode"] == code
    assert (drawing["title"], drawing["pages"], drawing["sha256"]) == ("附图:一", None, upload.sha256)
    assert volume.read(drawing["path"]) == b"map" and ":" not in drawing["path"]
    assert volume.read("index.pdf").startswith(b"%PDF")
    desk.assert_sound()


def test_the_register_shows_each_their_own_cases_and_pages_through(desk: Desk, case: str, clock: FakeClock) -> None:
    issued(desk)
    for n in range(4):
        clock.advance(timedelta(minutes=1))
        desk.complete(desk.task(desk.start("tree", tree=f"槐{n}", error="").instance_id).id)
        issued(desk)

    def titles(by: Principal, where: RegisterFilter | None = None) -> list[str]:
        reader, cursor, found = desk.engine.read(by), "", list[str]()
        while True:
            page = reader.issued_documents(where or RegisterFilter(), cursor=cursor, limit=2)
            found += [each.title for each in page.items]
            if not (cursor := page.next_cursor):
                return found

    assert titles(BOSS) == titles(LI) == [f"砍伐许可（{tree}）" for tree in ("槐3", "槐2", "槐1", "槐0", "银杏")]
    assert titles(ZHAO) == titles(CITIZEN) == []
    assert titles(BOSS, RegisterFilter(search="〔2026〕2号")) == ["砍伐许可（槐0）"]
    assert titles(BOSS, RegisterFilter(year=2025)) == []
    assert titles(BOSS, RegisterFilter(search="100%_")) == []


def test_whoever_asks_about_many_unknown_codes_has_to_wait(desk: Desk, clock: FakeClock) -> None:
    for _ in range(20):
        assert not desk.engine.read(SYSTEM).wait_to_verify("192.0.2.7")
        desk.engine.execute(dc.NoteUnknownCode(address="192.0.2.7"), by=SYSTEM)

    waits = [desk.engine.read(SYSTEM).wait_to_verify(address) for address in ("192.0.2.7", "192.0.2.8")]

    assert waits[0] > timedelta(0) == waits[1]
    clock.advance(waits[0])
    assert not desk.engine.read(SYSTEM).wait_to_verify("192.0.2.7")
    with pytest.raises(Forbidden):
        desk.engine.execute(dc.NoteUnknownCode(address="192.0.2.7"), by=ADMIN)


def test_bots_in_processes_of_their_own_reach_the_register(desk: Desk, case: str) -> None:
    engine = desk.engine
    worker = Worker(
        engine.jobs(BOTS),
        builtin_registry(plugins=False),
        make_context=job_contexts(engine, site_url="https://verify.example"),
        worker_id="w",
    )

    while worker.run_once():
        pass
    desk.complete(desk.task(case).id)
    while worker.run_once():
        pass

    assert [incident.message for incident in desk.incidents(case)] == []
    assert desk.state(case) == "completed"
    (entry,) = engine.read(BOSS).archived_cases(RegisterFilter()).items
    assert entry.files == 1

"""Accounts, groups and credentials: the rules that hold whoever asks, and through whichever door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from engine import Engine
from engine import identity_commands as c
from engine.clock import FakeClock
from engine.commands import Command
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import Forbidden, InvalidInput, NotFound, WrongState
from engine.identity_views import SessionRow
from tests.builders import ADMIN, LI

HASH = "$argon2id$made-elsewhere"


@pytest.fixture
def clock() -> FakeClock:
    """A clock that tests move."""
    return FakeClock(datetime(2026, 11, 20, 4, 0, tzinfo=UTC))


@pytest.fixture
def engine(database_url: str, clock: FakeClock) -> Iterator[Engine]:
    """An engine with an administrator, a clerk, and a group."""
    with Engine.open(database_url, clock=clock) as opened:
        opened.execute(c.CreateGroup(key="clerks", name="受理席"), by=SYSTEM)
        opened.execute(c.CreateUser(username="root", roles=("administrator",), password_hash=HASH), by=SYSTEM)
        opened.execute(c.CreateUser(username="li", roles=("staff",), password_hash=HASH), by=SYSTEM)
        yield opened


def open_session(engine: Engine, username: str, token: bytes = b"t" * 32) -> SessionRow:
    """Sign somebody in."""
    command = c.OpenSession(username=username, token_sha256=token, csrf_token="x")
    session: SessionRow = engine.execute(command, by=SYSTEM)
    return session


def test_a_user_name_is_one_name_however_it_was_typed(engine: Engine) -> None:
    composed, decomposed = "Ame\u0301lie", "Am\u00e9lie"

    made = engine.execute(c.CreateUser(username=composed, roles=("staff",)), by=ADMIN)

    assert made.username == decomposed
    with pytest.raises(WrongState, match="already"):
        engine.execute(c.CreateUser(username=decomposed, roles=("staff",)), by=ADMIN)


@pytest.mark.parametrize("name", ["", " li", "a b", "../x", "a/b", "_x", "-x", "x" * 65, "a\nb", "\u202ex"])
def test_a_user_name_that_could_be_mistaken_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        engine.execute(c.CreateUser(username=name, roles=("staff",)), by=ADMIN)

    assert [problem.field for problem in refused.value.problems] == ["username"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"roles": ("king",)}, "roles"),
        ({"roles": ("bot",)}, "roles"),
        ({"kind": "bot", "roles": ("staff",), "topics": ("a",)}, "roles"),
        ({"kind": "bot", "roles": ("bot",)}, "topics"),
        ({"topics": ("a",)}, "topics"),
        ({"groups": ("nowhere",)}, "groups"),
        ({"department": "nowhere"}, "department"),
        ({"locale": "fr"}, "locale"),
        ({"display_name": "x" * 121}, "display_name"),
    ],
)
def test_an_account_that_cannot_be_meant_names_its_field(engine: Engine, wrong: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        engine.execute(c.CreateUser(**{"username": "new", "roles": ("staff",), **wrong}), by=ADMIN)  # type: ignore[arg-type]

    assert [problem.field for problem in refused.value.problems] == [field]
    assert all(problem.message_zh for problem in refused.value.problems)


def test_a_department_does_not_stand_above_itself(engine: Engine) -> None:
    for key, parent in (("city", ""), ("bureau", "city"), ("office", "bureau")):
        engine.execute(c.CreateDepartment(key=key, parent=parent), by=ADMIN)

    with pytest.raises(InvalidInput, match="above"):
        engine.execute(c.CreateDepartment(key="city", parent="office"), by=ADMIN)


@pytest.mark.parametrize(
    "command",
    [
        c.CreateUser(username="x", roles=("administrator",)),
        c.UpdateUser(username="li", roles=("administrator",)),
        c.SetPassword(username="root", password_hash=HASH),
        c.DisableUser(username="root"),
        c.SetMembership(username="li", groups=("clerks",)),
        c.CreateGroup(key="x"),
        c.CreateDepartment(key="x"),
        c.CreateOneTimeLink(username="root", token_sha256=b"x"),
        c.CloseAllSessions(username="root"),
        c.IssueToken(owner="root", name="x", token_sha256=b"x", prefix="x"),
        c.RevokeToken(token_id="019aa7c5-0a44-7b12-8d2c-94d2c1b7e201"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_clerk_manages_nobody_else(engine: Engine, command: Command) -> None:
    with pytest.raises((Forbidden, NotFound)):
        engine.execute(command, by=LI)


@pytest.mark.parametrize(
    "command",
    [
        c.AttemptSignIn(username="root", address="x"),
        c.OpenSession(username="root", token_sha256=b"x", csrf_token="x"),
        c.TouchSession(session_id="x"),
        c.NoteTokenUse(token_id="x"),
        c.UseOneTimeLink(token_sha256=b"x", password_hash=HASH),
        c.ForgetStaleCredentials(),
    ],
    ids=lambda command: type(command).__name__,
)
def test_signing_in_is_the_doors_business_not_even_an_administrators(engine: Engine, command: Command) -> None:
    with pytest.raises(Forbidden, match="the system itself"):
        engine.execute(command, by=ADMIN)


def test_credentials_are_looked_up_by_the_door_only(engine: Engine) -> None:
    reader = engine.read(ADMIN)

    for look in (reader.principal_for_session, reader.principal_for_token, reader.one_time_link):
        with pytest.raises(Forbidden):
            look(b"x")


def test_a_session_stands_for_the_roles_of_this_moment(engine: Engine) -> None:
    open_session(engine, "li")

    engine.execute(c.SetMembership(username="li", groups=("clerks",)), by=ADMIN)
    engine.execute(c.UpdateUser(username="li", roles=("staff", "supervisor")), by=ADMIN)

    found = engine.read(SYSTEM).principal_for_session(b"t" * 32)
    assert found is not None
    assert found.principal.roles == {"staff", "supervisor"}
    assert found.principal.groups == {"clerks"}


def test_a_closed_session_is_nobodys_and_only_ones_own_can_be_closed(engine: Engine) -> None:
    session = open_session(engine, "root")

    engine.execute(c.CloseSession(session_id=session.id), by=LI)
    assert engine.read(SYSTEM).principal_for_session(b"t" * 32) is not None
    engine.execute(c.CloseSession(session_id=session.id), by=Principal(id="root"))

    assert engine.read(SYSTEM).principal_for_session(b"t" * 32) is None


def test_a_bots_token_without_topics_is_good_for_nothing(engine: Engine) -> None:
    bot = c.CreateUser(username="pdf", kind="bot", roles=("bot",), topics=("a", "b"))
    engine.execute(bot, by=ADMIN)
    token = c.IssueToken(owner="pdf", name="t", token_sha256=b"x" * 32, prefix="civ_", topics=("a", "b"))
    engine.execute(token, by=ADMIN)

    engine.execute(c.UpdateUser(username="pdf", topics=("b", "c")), by=ADMIN)
    narrowed = engine.read(SYSTEM).principal_for_token(b"x" * 32)
    engine.execute(c.UpdateUser(username="pdf", topics=("c",)), by=ADMIN)
    none_left = engine.read(SYSTEM).principal_for_token(b"x" * 32)

    assert narrowed is not None
    assert narrowed.principal.topics == {"b"}
    assert none_left is None


def test_a_link_is_good_for_a_day_and_a_newer_one_takes_its_place(engine: Engine, clock: FakeClock) -> None:
    engine.execute(c.CreateOneTimeLink(username="li", token_sha256=b"1"), by=ADMIN)
    engine.execute(c.CreateOneTimeLink(username="li", token_sha256=b"2"), by=ADMIN)

    assert engine.read(SYSTEM).one_time_link(b"1") is None
    assert engine.read(SYSTEM).one_time_link(b"2") is not None
    clock.advance(timedelta(hours=24))

    assert engine.read(SYSTEM).one_time_link(b"2") is None
    with pytest.raises(NotFound, match="too old"):
        engine.execute(c.UseOneTimeLink(token_sha256=b"2", password_hash=HASH), by=SYSTEM)


def test_housekeeping_forgets_what_has_expired_and_nothing_else(engine: Engine, clock: FakeClock) -> None:
    open_session(engine, "li", b"old" * 10)
    engine.execute(c.AttemptSignIn(username="li", address="192.0.2.1"), by=SYSTEM)
    clock.advance(timedelta(hours=13))
    open_session(engine, "li", b"new" * 10)

    gone = engine.execute(c.ForgetStaleCredentials(), by=SYSTEM)

    assert gone == 3  # a session, and the counts of user and address
    assert engine.read(SYSTEM).principal_for_session(b"new" * 10) is not None


def test_pages_of_accounts_follow_each_other(engine: Engine) -> None:
    for number in range(5):
        engine.execute(c.CreateUser(username=f"user{number}", display_name=f"张%{number}", roles=("staff",)), by=ADMIN)

    reader = engine.read(ADMIN)
    first = reader.users(search="张%", limit=3)
    second = reader.users(search="张%", limit=3, cursor=first.next_cursor)

    assert [user.username for user in first.items + second.items] == [f"user{n}" for n in range(5)]
    assert second.next_cursor == ""
    assert reader.users(search="张_").items == ()

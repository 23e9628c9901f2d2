"""Counts of tries to sign in and of unknown verification codes, and how long the next try has to wait."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from engine.store.identity_tables import sign_in_count
from engine.store.unit_of_work import UnitOfWork

FREE_TRIES = {"pair": 5, "device": 5, "address": 30, "verify": 20}
"""Tries before waiting begins. An address may be a whole office behind one router."""

LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
_EPOCH = timedelta(0)


def count_try(uow: UnitOfWork, username: str, address: str, device: str) -> timedelta:
    """Count a try, unless an earlier one has to be waited for; gives the wait that is left, or nothing."""
    return _count(uow, _buckets(username, address, device))


def forget_tries(uow: UnitOfWork, username: str, address: str, device: str) -> None:
    """The password was right: the user's own counts start anew, the address gets this one try back."""
    c = sign_in_count
    for name in _buckets(username, address, device):
        mine = c.c.bucket == name
        if name.startswith("address:"):
            change = c.update().where(mine, c.c.tries > 0)
            uow.connection.execute(change.values(tries=c.c.tries - 1, blocked_until=uow.now))
        else:
            uow.connection.execute(c.delete().where(mine))


def wait_to_verify(connection: sa.Connection, address: str, now: datetime) -> timedelta:
    """How long an address has to wait before it may ask about another document."""
    c = sign_in_count.c
    blocked = sa.select(c.blocked_until).where(c.bucket == f"verify:{address}")
    until: datetime | None = connection.execute(blocked).scalar_one_or_none()
    return _EPOCH if until is None else max(until - now, _EPOCH)


def count_unknown_code(uow: UnitOfWork, address: str) -> None:
    """Count a verification code that does not exist."""
    _count(uow, [f"verify:{address}"])


def forget_old(uow: UnitOfWork) -> int:
    """Remove counts that no longer matter; gives how many."""
    old = sign_in_count.c.last_at < uow.now - FORGOTTEN_AFTER
    return uow.connection.execute(sign_in_count.delete().where(old)).rowcount


def _count(uow: UnitOfWork, names: list[str]) -> timedelta:
    c = sign_in_count
    for name in names:
        uow.insert_or_skip(c, {"bucket": name, "tries": 0, "last_at": uow.now, "blocked_until": uow.now})
    rows = uow.connection.execute(
        sa.select(c).where(c.c.bucket.in_(names)).order_by(c.c.bucket).with_for_update()
    ).all()
    wait = max((row.blocked_until - uow.now for row in rows), default=_EPOCH)
    if wait > _EPOCH:
        return wait
    for row in rows:
        tries = 1 if uow.now - row.last_at > FORGOTTEN_AFTER else row.tries + 1
        uow.connection.execute(
            c.update()
            .where(c.c.bucket == row.bucket)
            .values(tries=tries, last_at=uow.now, blocked_until=uow.now + _pause(row.bucket, tries))
        )
    return _EPOCH


def _buckets(username: str, address: str, device: str) -> list[str]:
    if device:
        return [f"device:{device}:{username}"]
    return [f"address:{address}", f"pair:{address}:{username}"]


def _pause(bucket: str, tries: int) -> timedelta:
    over = tries - FREE_TRIES[bucket.partition(":")[0]]
    return timedelta(0) if over < 0 else min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT)

"""Time as the engine sees it: one injected clock, always UTC and aware."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Protocol


class Clock(Protocol):
    """Where the engine asks what time it is."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock; the store's unit of work replaces it by the database's where there is one."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        return datetime.now(UTC)


class FakeClock:
    """A clock that stands still until it is moved; for tests and for the demo's own database.

    Args:
        start: an aware instant.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant the clock was last moved to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by a duration; never backwards."""
        self.move_to(self._now + by)

    def move_to(self, instant: datetime) -> None:
        """Move forward to an aware instant; an earlier one is refused.

        Raises:
            ValueError: the instant lies before the clock's time.
        """
        if instant < self._now:
            raise ValueError(f"Expected an instant at or after {self._now.isoformat()} but got {instant.isoformat()}.")
        self._now = instant.astimezone(UTC)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z; the form in which the store keeps instants."""
    delta = instant - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(micros: int) -> datetime:
    """The aware UTC instant of a number of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def on_site(moment: datetime, zone: tzinfo) -> datetime:
    """An aware instant as the site's clock shows it, with the offset that holds then: what expressions see.

    With the offset and not the zone, so that `string(now())` is a time that other programs read.
    """
    local = moment.astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta(0)))

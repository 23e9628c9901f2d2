"""One line that the next page shows: what the last action did.

It travels in a cookie as a code from the list below and one name; both are looked up or escaped,
so that nothing written by somebody else becomes a sentence of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, unquote

from api.i18n import Texts, mark

COOKIE: Final = "notice"
_LONGEST = 200

Tone = Literal["good", "warn"]

_NOTICES: Final[dict[str, tuple[Tone, str]]] = {
    "task-completed": ("good", mark("Done: %(name)s.")),
    "task-completed-next": ("good", mark("Done: %(name)s. This is the next step of the same case.")),
    "task-completed-ended": ("good", mark("Done: %(name)s. The case is closed.")),
    "task-claimed": ("good", mark("%(name)s is now yours.")),
    "task-released": ("good", mark("%(name)s is back in its group's list.")),
    "task-delegated": ("good", mark("Handed over to %(name)s.")),
    "draft-kept": ("good", mark("Draft kept. You can go on later.")),
    "deployed": ("good", mark("Deployed: %(name)s.")),
    "deployed-unchanged": ("warn", mark("Nothing has changed since the last version of %(name)s.")),
    "incident-retried": ("good", mark("Trying again: %(name)s.")),
    "incidents-retried": ("good", mark("Trying again: %(name)s incidents.")),
    "incidents-refused": ("warn", mark("Some incidents could not be retried: %(name)s.")),
    "case-cancelled": ("good", mark("Case %(name)s is cancelled.")),
    "case-suspended": ("good", mark("Case %(name)s is suspended.")),
    "case-resumed": ("good", mark("Case %(name)s goes on.")),
    "document-revoked": ("good", mark("Revoked: %(name)s.")),
    "variables-set": ("good", mark("Variables corrected: %(name)s.")),
    "calendar-published": ("good", mark("Version %(name)s of the calendar is in force.")),
    "calendar-recalculated": ("good", mark("The calendar is in force; deadlines moved / cases looked at: %(name)s.")),
    "calendar-recalculation-failed": (
        "warn",
        mark("The calendar is in force; some cases could not be recalculated, deadlines moved / cases: %(name)s."),
    ),
    "all-read": ("good", mark("All messages are marked as read.")),
    "user-saved": ("good", mark("Saved: %(name)s.")),
    "user-disabled": ("good", mark("%(name)s can no longer sign in.")),
    "user-enabled": ("good", mark("%(name)s can sign in again.")),
    "password-set": ("good", mark("Your password is set. Sign in with it.")),
    "signed-out": ("good", mark("You are signed out.")),
}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A line to show: plain text, to be escaped like all text."""

    tone: Tone
    text: str


def encode(code: str, name: str = "") -> str:
    """The cookie's value.

    Raises:
        KeyError: there is no such notice.
    """
    _NOTICES[code]
    return f"{code}:{quote(name[:_LONGEST], safe='')}"


def decode(cookie: str, texts: Texts) -> Notice | None:
    """The notice of a cookie, or None if it is not one of ours."""
    code, _, name = cookie.partition(":")
    if code not in _NOTICES:
        return None
    tone, text = _NOTICES[code]
    return Notice(tone=tone, text=texts.gettext(text) % {"name": unquote(name)[:_LONGEST]})

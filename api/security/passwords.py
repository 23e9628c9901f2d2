"""Passwords: argon2id hashes, and what a password must be."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from engine.errors import FieldProblem, InvalidInput

SHORTEST, LONGEST = 10, 256
_PROVERBIAL = """
    0123456789 1234567890 12345678910 9876543210 0987654321 1234512345 1122334455 1233211234567
    password12 password123 password1234 passwordpassword qwertyuiop qwerty12345 qwerty123456
    1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5 abcdefghij abcd123456 abc1234567 a123456789
    123456789a qq123456789 woaini1314 woaini520520 5201314520 iloveyou123 administrator admin12345
    admin123456 welcome123 letmein123 changeme123 civiflow123
"""
_GUESSED_FIRST = frozenset(_PROVERBIAL.split())

# One guess costs 64 MiB and tens of milliseconds: no more than a few at once, however many ask.
_AT_ONCE = threading.BoundedSemaphore(2)
_HASHER = PasswordHasher()


@cache
def _of_nobody() -> str:
    return _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2id hash of a password, for `CreateUser`, `SetPassword` and `UseOneTimeLink`."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether a password is right. Takes as long when there is no account, so that nobody learns that."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        stand_in = _of_nobody()  # asked for in any case, so that the first call tells nothing either
        try:
            right = _HASHER.verify(password_hash or stand_in, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
    return right and password_hash is not None


def check_new_password(password: str, *, username: str, field: str = "password") -> None:
    """Refuse a password that would be guessed first (ASVS 5.0, 6.2): length counts, composition does not.

    Raises:
        InvalidInput: names the field.
    """
    lowered = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        code, message = "length", f"Expected a password of {SHORTEST} to {LONGEST} characters."
        message_zh = f"密码应为 {SHORTEST} 至 {LONGEST} 个字符。"
    elif lowered in _GUESSED_FIRST or len(set(lowered)) < 4:
        code, message = "common", "Expected a password that is not among the first that anybody would guess."
        message_zh = "这个密码太常见，请换一个。"
    elif len(username) >= 4 and username.casefold() in lowered:
        code, message = "username", "Expected a password that does not contain the user name."
        message_zh = "密码不应包含用户名。"
    else:
        return
    problem = FieldProblem(field=field, code=code, message=message, message_zh=message_zh)
    raise InvalidInput(message, problems=[problem])

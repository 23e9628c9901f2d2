"""Cookies: the session's, and one that marks a device its user has signed in from before."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from api.security.origin import is_https

_DEVICE_LIFETIME = timedelta(days=180)
_USERS_PER_DEVICE = 5


def fresh_token() -> str:
    """A random secret of 256 bits, safe in URLs, headers and cookies."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is stored of a token. Plain SHA-256: a random secret of 256 bits needs no stretching."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def session_token(request: Request) -> str:
    """The session token the browser sent, or ''. Under HTTPS only the `__Host-` cookie counts."""
    return request.cookies.get(_name(request, "civiflow"), "")


def set_session(request: Request, response: Response, token: str, lifetime: timedelta) -> None:
    """Hand the browser its session token: for this host only, unreadable to scripts."""
    _set(request, response, "civiflow", token, lifetime)


def clear_session(request: Request, response: Response) -> None:
    """Take the session token back."""
    response.delete_cookie(
        _name(request, "civiflow"), path="/", secure=is_https(request), httponly=True, samesite="lax"
    )


def known_device(request: Request, username: str) -> str:
    """The device's identifier if this user has signed in from it before, or ''."""
    device, users = _device(request)
    return device if username in users else ""


def remember_device(request: Request, response: Response, username: str) -> None:
    """Mark the device as one this user has signed in from; it remembers a few users of a shared desk."""
    device, users = _device(request)
    users = [username, *(user for user in users if user != username)][:_USERS_PER_DEVICE]
    value = _serializer(request).dumps([device or secrets.token_urlsafe(12), users])
    _set(request, response, "civiflow-device", str(value), _DEVICE_LIFETIME)


def _device(request: Request) -> tuple[str, list[str]]:
    value = request.cookies.get(_name(request, "civiflow-device"), "")
    try:
        device, users = _serializer(request).loads(value, max_age=int(_DEVICE_LIFETIME.total_seconds()))
    except (BadData, ValueError, TypeError):
        return "", []
    return str(device), [str(user) for user in users]


def _serializer(request: Request) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(request.app.state.settings.secret_key, salt="civiflow.device")


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if is_https(request) else name


def _set(request: Request, response: Response, name: str, value: str, lifetime: timedelta) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )

"""Settings: environment variables `CIVIFLOW_*`, read once at start into one frozen value."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from engine.errors import InvalidInput

MEGABYTE = 1_000_000

ATTACHMENT_TYPES = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/heic",
    "application/pdf",
    "text/plain",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/x-ole-storage",  # Word and Excel before 2007
    "video/mp4",
)
"""What may be attached to a case unless the site says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this installation runs. Each field is read from `CIVIFLOW_` + its name in capitals.

    Args:
        var: folder for the database, the secret key and whatever else the program keeps.
        database: SQLAlchemy URL; '' is SQLite in `var/civiflow.db`.
        host, port: where the web server listens.
        public_url: how browsers reach it, such as `https://civiflow.example.gov`; '' is this machine only.
        trusted_proxies: addresses whose X-Forwarded-* headers are believed, comma-separated.
        secret_key: signs cookies of known devices; '' is kept in `var/secret.key`.
        zone: IANA name of the site's time zone.
        language: of people who have not chosen, 'zh' or 'en'.
        session_hours: after this long a session ends whatever happens.
        attachment_limit: bytes of one file.
        attachment_types: media types that may be attached, comma-separated.
        log_level: 'debug', 'info', 'warning' or 'error'.
        log_format: 'json' for machines, 'console' for people.
        bots_folder: a folder of the site's own bots (`*.py`), or ''.
    """

    var: Path = Path("var")
    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    secret_key: str = field(default="", repr=False)
    zone: str = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"
    session_hours: int = 12
    attachment_limit: int = 20 * MEGABYTE
    attachment_types: tuple[str, ...] = ATTACHMENT_TYPES
    log_level: str = "info"
    log_format: Literal["json", "console"] = "json"
    bots_folder: str = ""

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Self:
        """Read the environment; keyword arguments win over it.

        Raises:
            InvalidInput: a variable has another form than its setting.
        """
        environ = os.environ if environ is None else environ
        known = {f"CIVIFLOW_{f.name.upper()}": f.name for f in fields(cls)}
        values: dict[str, Any] = {}
        for variable, name in known.items():
            if (text := environ.get(variable, "").strip()) != "":
                values[name] = _parse(variable, type(getattr(_DEFAULTS, name)), text)
        return cls(**(values | {name: value for name, value in overrides.items() if value is not None}))

    @property
    def database_url(self) -> str:
        """The database's URL with the default filled in."""
        return self.database or f"sqlite:///{(self.var / 'civiflow.db').absolute()}"

    @property
    def session_lifetime(self) -> timedelta:
        """How long a session lasts at most."""
        return timedelta(hours=self.session_hours)

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of `public_url`, as browsers write it in Origin; '' if there is none."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower() if self.public_url else ""

    @property
    def site_url(self) -> str:
        """How browsers reach the site, without a slash at the end: `public_url`, or this machine's own address."""
        host = "127.0.0.1" if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        return (self.public_url or f"http://{shown}:{self.port}").rstrip("/")

    def prepared(self) -> Self:
        """The same settings with `var` made and the secret key read from there, or made and kept there."""
        self.var.mkdir(parents=True, exist_ok=True)
        return self if self.secret_key else replace(self, secret_key=_kept_key(self.var / "secret.key"))


def _kept_key(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return key


def _parse(variable: str, kind: type, text: str) -> object:
    parsers: dict[type, Callable[[str], object]] = {
        bool: _boolean,
        int: int,
        tuple: lambda t: tuple(part.strip() for part in t.split(",") if part.strip()),
    }
    try:
        return parsers.get(kind, kind)(text)
    except ValueError as error:
        raise InvalidInput(f"Expected {variable} to be {_FORMS[kind]} but it is {text!r}.") from error


def _boolean(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(text)


def _check(settings: Settings) -> None:
    if settings.language not in {"zh", "en"}:
        raise InvalidInput(f"Expected CIVIFLOW_LANGUAGE to be zh or en but it is {settings.language!r}.")
    if settings.log_format not in {"json", "console"}:
        raise InvalidInput(f"Expected CIVIFLOW_LOG_FORMAT to be json or console but it is {settings.log_format!r}.")
    if settings.log_level not in {"debug", "info", "warning", "error"}:
        raise InvalidInput(
            f"Expected CIVIFLOW_LOG_LEVEL to be debug, info, warning or error but got {settings.log_level!r}."
        )
    if not 0 < settings.attachment_limit <= 20 * MEGABYTE:
        raise InvalidInput(
            f"Expected CIVIFLOW_ATTACHMENT_LIMIT to be 1 to 20000000 bytes but it is {settings.attachment_limit}."
        )
    if settings.secret_key and len(settings.secret_key) < 32:
        raise InvalidInput("Expected CIVIFLOW_SECRET_KEY to have 32 characters or more.")
    if settings.public_url and urlsplit(settings.public_url).scheme not in {"http", "https"}:
        raise InvalidInput(f"Expected CIVIFLOW_PUBLIC_URL to begin with https:// but it is {settings.public_url!r}.")
    try:
        ZoneInfo(settings.zone)
    except (KeyError, ValueError, OSError) as error:
        message = f"Expected CIVIFLOW_ZONE to be a time zone like Asia/Shanghai but it is {settings.zone!r}."
        raise InvalidInput(message) from error


_FORMS = {bool: "true or false", int: "a whole number"}
_DEFAULTS = Settings()

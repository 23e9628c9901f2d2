"""Structured logs: one JSON object a line for machines, colours for people.

Never a password, a token or the value of a variable.
"""

from __future__ import annotations

import logging
import sys
from functools import lru_cache
from typing import Any, Literal

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET = ("password", "token", "secret", "cookie", "authorization", "variables", "values")


def configure(level: str = "info", style: Literal["json", "console"] = "json") -> None:
    """Set up structlog and the standard library's logging, which uvicorn and APScheduler use, to stderr.

    Args:
        level: 'debug', 'info', 'warning' or 'error'.
        style: 'json' or 'console'.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_secrets,
    ]
    last: list[Processor] = []
    if style == "json":
        last += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    else:
        # Not the default's traceback: it prints local variables, and with them what people typed.
        plain = structlog.dev.plain_traceback
        last.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain))
    # Our own lines go straight out: the way through the standard library costs twice as much again.
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        logger_factory=structlog.WriteLoggerFactory(_Stderr()),  # type: ignore[arg-type] # it needs no more
        cache_logger_on_first_use=True,
    )
    last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_number(level))
    for name in ("apscheduler", "httpx", "httpcore", "alembic", "uvicorn.error"):
        logging.getLogger(name).setLevel(max(_number(level), logging.WARNING))


class _Stderr:
    """Wherever stderr is when something is written, which in tests and under a supervisor may change."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def drop_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank what must never be in a log, should a caller ever hand it in."""
    for name in event:
        if _is_secret(name):
            event[name] = "(left out)"
    return event


@lru_cache(maxsize=1000)
def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return any(word in lowered for word in _SECRET)


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def _json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()

"""Structured logs: one JSON object a line for machines, colours for people.

Never a password, a token or the value of a variable.
"""

from __future__ import annotations

import logging
import sys
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
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_number(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if style == "json":
        last += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    else:
        # Not the default's traceback: it prints local variables, and with them what people typed.
        plain = structlog.dev.plain_traceback
        last.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_number(level))
    for name in ("apscheduler", "httpx", "httpcore", "alembic", "uvicorn.error"):
        logging.getLogger(name).setLevel(max(_number(level), logging.WARNING))


def drop_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank what must never be in a log, should a caller ever hand it in."""
    for name in event:
        if any(word in name.lower() for word in _SECRET):
            event[name] = "(left out)"
    return event


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def _json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()

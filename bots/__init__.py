"""What runs unattended. A bot is a function `(Job, JobContext) -> JobResult` under `@bot("topic", …)`.

Everything a bot's author needs is importable from here; see `docs/bots.md`.
"""

from __future__ import annotations

from bots.declare import Bot, Limits, bot
from engine.contracts.errors import BusinessError, NotFound, TechnicalError
from engine.contracts.jobs import FileRef, Job, JobContext, JobResult

__all__ = [
    "Bot",
    "BusinessError",
    "FileRef",
    "Job",
    "JobContext",
    "JobResult",
    "Limits",
    "NotFound",
    "TechnicalError",
    "bot",
]

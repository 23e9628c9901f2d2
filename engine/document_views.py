"""What reads of the register of issued documents give back beside `contracts.documents`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class DocumentProof:
    """What anybody with the verification code learns about an issued document, and nothing else of its case.

    Args:
        state: 'valid' or 'revoked'.
        issued_on: the date it bears, ISO 8601.
        size, sha256: of the file as issued, bytes and hex digest.
    """

    code: str
    state: Literal["valid", "revoked"]
    title: str
    number: str
    issuer: str
    issued_on: str
    size: int
    sha256: str
    revoked_at: datetime | None = None
    reason: str = ""

"""Whether a document in hand is the one that was issued: for anybody, page or program, signed in or not."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from fastapi import Request

from api.security.origin import address_block
from engine import Engine
from engine.contracts.principal import SYSTEM
from engine.document_codes import read_code
from engine.document_commands import NoteUnknownCode
from engine.document_views import DocumentProof
from engine.errors import NotFound, TooManyAttempts

_CHUNK = 1 << 20


def find_proof(engine: Engine, request: Request, typed: str) -> DocumentProof:
    """The issued document with a code as somebody typed it. Blocking (database).

    A typo is told from the code alone and costs nothing; a code that does not exist counts against the
    address, and after twenty of them each further question has to wait, twice as long each time.

    Raises:
        InvalidInput: it cannot be a code; says why.
        TooManyAttempts: says how long to wait.
        NotFound: no document was issued with this code.
    """
    code = read_code(typed)
    address = address_block(request)
    reader = engine.read(SYSTEM)
    if wait := reader.wait_to_verify(address):
        seconds = int(wait.total_seconds()) + 1
        raise TooManyAttempts(f"Too many unknown verification codes; wait {seconds} seconds.", wait_seconds=seconds)
    try:
        return reader.document_proof(code)
    except NotFound:
        engine.execute(NoteUnknownCode(address=address), by=SYSTEM)
        raise


def sha256_of(file: BinaryIO) -> str:
    """The hex digest of a file, read piece by piece."""
    digest = hashlib.sha256()
    while piece := file.read(_CHUNK):
        digest.update(piece)
    return digest.hexdigest()

"""What is asked of an XML file before it is parsed: no document type, and errors in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from lxml import etree

from engine.contracts.errors import LogFormatError

_CHUNK = 1 << 14


class _HasDoctype(Exception):
    """The document declares a document type."""


class _PrologTarget:
    """A parser target that looks only at what comes before the first element."""

    started = False

    def doctype(self, name: str | None, public: str | None, system: str | None) -> None:
        raise _HasDoctype

    def start(self, tag: str | bytes, attrib: dict[str | bytes, str | bytes]) -> None:
        self.started = True

    def end(self, tag: str | bytes) -> None: ...

    def data(self, data: str | bytes) -> None: ...

    def comment(self, text: str | bytes) -> None: ...

    def close(self) -> None: ...


def refuse_doctype(stream: BinaryIO, name: str) -> None:
    """Read up to the first element.

    Raises:
        LogFormatError: the document declares a document type.
    """
    target = _PrologTarget()
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        while not target.started and (chunk := stream.read(_CHUNK)):
            parser.feed(chunk)
    except _HasDoctype:
        raise LogFormatError(
            f"{name}: expected XES, but the file declares a document type (<!DOCTYPE …>), which XES does not "
            "use and which can hide an attack. Remove the declaration, or export the log again."
        ) from None


@contextmanager
def xml_errors_told(name: str) -> Iterator[None]:
    """Turn a parser's complaint into a `LogFormatError` that names the file and the line."""
    try:
        yield
    except etree.XMLSyntaxError as exc:
        line = exc.position[0] if exc.position else 0
        raise LogFormatError(
            f"{name}, line {line}: expected well-formed XML, but {exc.msg}. Export the log again, or repair that line."
        ) from exc

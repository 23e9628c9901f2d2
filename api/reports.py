"""Bottleneck reports for the REST API, the pages and the command line: mining's functions on our logs."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from engine import Engine
from engine.access import require
from engine.clock import to_micros
from engine.contracts.eventlog import LogFilter
from engine.contracts.principal import Principal
from engine.errors import Forbidden, InvalidInput, LogFormatError, NotFound
from engine.reader import Reader

if TYPE_CHECKING:
    from mining.readers import CsvColumns
    from mining.reports import BottleneckReport
    from mining.words import Naming

_COPY = "uploaded-log"

# mining is imported in the functions: polars takes half a second, which only a report should cost.


def own_report(engine: Engine, by: Principal, where: LogFilter, *, language: str) -> BottleneckReport:
    """The report of a deployed process, over the cases the principal may see.

    Raises:
        Forbidden: reports are for those who oversee the work.
    """
    from mining.reports import bottleneck_report

    require(by, "manager", "supervisor", "designer", "administrator", to="read reports")
    reader = engine.read(by)
    return bottleneck_report(
        engine.event_log(by),
        where,
        now=to_micros(engine.now()),
        language=language,
        cause_names=_cause_names(reader, where.definition_key),
        group_names=_group_names(reader),
    )


def _cause_names(reader: Reader, definition: str) -> Naming:
    """How the texts of a process call what its tasks wait for; the word of the model itself stands for English."""
    from mining.words import Sentence

    try:
        chinese, english = (reader.texts(definition, language) if definition else {} for language in ("zh", "en"))
    except (NotFound, Forbidden):
        return lambda _cause: None

    def name(cause: str) -> Sentence | None:
        if cause not in chinese and cause not in english:
            return None
        return Sentence(en=english.get(cause, cause), zh=chinese.get(cause, cause))

    return name


def _group_names(reader: Reader) -> Naming:
    from mining.words import Sentence

    names = {g.key: Sentence(en=g.name_en or g.name or g.key, zh=g.name or g.key) for g in reader.groups()}
    return names.get


def imported_report(
    path: Path, *, columns: CsvColumns | None = None, zone: str = "UTC", language: str = "en"
) -> BottleneckReport:
    """The report of an event log in a file: XES or CSV, gzipped or not.

    Raises:
        LogFormatError: the file is no such log; the message says what is missing.
    """
    from mining.readers import read_log
    from mining.reports import bottleneck_report

    log = read_log(path, columns=columns, timezone=zone)
    return bottleneck_report(log, LogFilter(), now=log.last_at, language=language)


def uploaded_report(
    file: BinaryIO, name: str, *, columns: CsvColumns | None = None, zone: str, language: str
) -> BottleneckReport:
    """The report of an uploaded event log. The file is kept only as long as it is read."""
    shown = PurePosixPath(name.replace("\\", "/")).name[-100:] or "log"
    with tempfile.TemporaryDirectory(prefix="civiflow-") as folder:
        path = Path(folder) / _COPY
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        if path.stat().st_size == 0:
            raise InvalidInput(f"Expected an event log but {shown!r} is empty.")
        try:
            return imported_report(path, columns=columns, zone=zone, language=language)
        except LogFormatError as error:
            raise LogFormatError(error.message.replace(str(path), shown).replace(_COPY, shown)) from error

"""Event logs from files: XES and CSV, gzipped or not, recognised by content."""

from __future__ import annotations

from pathlib import Path

from engine.contracts.errors import LogFormatError
from mining.readers.columns import CsvColumns
from mining.readers.csv_rows import read_csv
from mining.readers.imported import ImportedLog
from mining.readers.sources import Kind, recognise
from mining.readers.times import zone
from mining.readers.xes import read_xes

__all__ = ["CsvColumns", "ImportedLog", "LogFormatError", "read_log"]


def read_log(path: Path, *, columns: CsvColumns | None = None, timezone: str = "UTC") -> ImportedLog:
    """Read an event log from a file.

    Args:
        path: XES or CSV, gzipped or not; what it is shows in its content, the name does not matter.
        columns: columns (CSV) or keys (XES) named by the user; the others are recognised.
        timezone: IANA name of the zone of times that name none.

    Returns:
        The log, an `EventLog`, with `notes` (and `warnings`) on what was assumed or left out.

    Raises:
        LogFormatError: the file cannot be read as an event log; the message names the file, the line or
            column, and the way out.
    """
    path = Path(path)
    read = read_xes if recognise(path) is Kind.XES else read_csv
    return ImportedLog(path.name, read(path, columns or CsvColumns(), zone(timezone)))

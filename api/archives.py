"""Uploaded ZIP archives: read in memory, within limits, never unpacked to disk."""

from __future__ import annotations

import io
import stat
import unicodedata
import zipfile
from pathlib import PurePosixPath

from engine.errors import InvalidInput

MAX_FILES = 200
MAX_BYTES = 30_000_000
_LONGEST_PATH = 200


def read_zip(content: bytes) -> dict[str, bytes]:
    """The files of an archive by path; one folder around everything is taken off.

    Raises:
        InvalidInput: no archive, too much in it, or an entry that is not a plain file inside it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _without_outer_folder(_read_all(archive))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidInput(f"Expected a ZIP archive but it cannot be read: {error}.") from error


def _read_all(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        raise InvalidInput(f"Expected at most {MAX_FILES} files in the archive but it has {len(entries)}.")
    files: dict[str, bytes] = {}
    left = MAX_BYTES
    for entry in entries:
        path = _safe_path(entry)
        if path is None:
            continue
        if path in files:
            raise InvalidInput(f"Expected one file at {path!r} in the archive but there are two.")
        # The size an archive claims is not believed: no more is unpacked than is left.
        with archive.open(entry) as file:
            files[path] = file.read(left + 1)
        left -= len(files[path])
        if left < 0:
            raise InvalidInput(f"Expected at most {MAX_BYTES // 1_000_000} MB in the archive, unpacked.")
    return files


def _safe_path(entry: zipfile.ZipInfo) -> str | None:
    name = unicodedata.normalize("NFC", entry.filename)
    parts = PurePosixPath(name).parts
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise InvalidInput(f"Expected plain files in the archive but {name!r} is a link or a device.")
    if entry.flag_bits & 0x1:
        raise InvalidInput(f"Expected an archive without password but {name!r} is encrypted.")
    outside = ".." in parts or name.startswith("/") or "\\" in name or (parts and ":" in parts[0])
    if outside or not parts or len(name) > _LONGEST_PATH or not name.isprintable():
        raise InvalidInput(f"Expected paths inside the archive but got {name[:80]!r}.")
    if parts[0] == "__MACOSX" or parts[-1] in {".DS_Store", "Thumbs.db"}:
        return None
    return "/".join(parts)


def _without_outer_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    outer = {path.partition("/")[0] for path in files}
    if len(outer) != 1 or any("/" not in path for path in files):
        return files
    return {path.partition("/")[2]: content for path, content in files.items()}


def placed(files: dict[str, bytes]) -> dict[str, bytes]:
    """Files that came without folders, put where an application keeps them: forms, templates and texts."""
    return {_place(path): content for path, content in files.items()}


def _place(path: str) -> str:
    if "/" in path:
        return path
    match PurePosixPath(path).suffix.lower():
        case ".json" | ".form":
            return f"forms/{path}"
        case ".typ":
            return f"templates/{path}"
        case ".yaml" | ".yml" if path != "app.yaml":
            return f"texts/{path}"
    return path

"""Uploaded ZIP archives: read in memory, within limits, never unpacked to disk."""

from __future__ import annotations

import io
import stat
import unicodedata
import zipfile
from contextlib import suppress
from pathlib import PurePosixPath

from engine.errors import FieldProblem, InvalidInput

MAX_FILES = 200
MAX_BYTES = 30_000_000
_LONGEST_PATH = 200
_UTF8 = 0x800  # the flag that an entry's name is UTF-8


def read_zip(content: bytes) -> dict[str, bytes]:
    """The files of an archive by path; one folder around everything is taken off.

    Raises:
        InvalidInput: no archive, too much in it, or an entry that is not a plain file inside it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _without_outer_folder(_read_all(archive))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        message = f"Expected a ZIP archive but it cannot be read: {error}."
        raise refused(message, "这不是可以读取的 ZIP 压缩包，请重新打包后再上传。") from error


def refused(message: str, message_zh: str) -> InvalidInput:
    """What is wrong with uploaded files, in both languages."""
    problem = FieldProblem(field="files", code="not_taken", message=message, message_zh=message_zh)
    return InvalidInput(message, problems=[problem])


def _read_all(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        raise refused(
            f"Expected at most {MAX_FILES} files in the archive but it has {len(entries)}.",
            f"压缩包最多可含 {MAX_FILES} 个文件，这个有 {len(entries)} 个。",
        )
    files: dict[str, bytes] = {}
    left = MAX_BYTES
    for entry in entries:
        path = _safe_path(entry)
        if path is None:
            continue
        if path in files:
            raise refused(
                f"Expected one file at {path!r} in the archive but there are two.",
                f"压缩包里有两个同名文件“{path}”，请只保留一个。",
            )
        # The size an archive claims is not believed: no more is unpacked than is left.
        with archive.open(entry) as file:
            files[path] = file.read(left + 1)
        left -= len(files[path])
        if left < 0:
            raise too_large()
    return files


def too_large() -> InvalidInput:
    """More bytes than are taken at once."""
    megabytes = MAX_BYTES // 1_000_000
    return refused(
        f"Expected at most {megabytes} MB of files together, unpacked.",
        f"所有文件解压后合计不能超过 {megabytes} MB。",
    )


def _name_of(entry: zipfile.ZipInfo) -> str:
    """The entry's name; one that is not marked as UTF-8 was most likely packed on a Chinese Windows."""
    name = entry.filename
    if not entry.flag_bits & _UTF8 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    return unicodedata.normalize("NFC", name)


def _safe_path(entry: zipfile.ZipInfo) -> str | None:
    name = _name_of(entry)
    parts = PurePosixPath(name).parts
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise refused(
            f"Expected plain files in the archive but {name!r} is a link or a device.",
            f"压缩包里的“{name[:80]}”是链接或设备，只接受普通文件。",
        )
    if entry.flag_bits & 0x1:
        raise refused(
            f"Expected an archive without password but {name!r} is encrypted.",
            f"压缩包里的“{name[:80]}”已加密，请打包时不要设置密码。",
        )
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        # the others unpack a whole block at once, however little of it is asked for
        raise refused(
            f"Expected an ordinary ZIP archive (Deflate) but {name[:80]!r} is packed in another way.",
            f"压缩包里的“{name[:80]}”使用了不支持的压缩方式，请用普通 ZIP（Deflate）重新打包。",
        )
    outside = ".." in parts or name.startswith("/") or "\\" in name or (parts and ":" in parts[0])
    if outside or not parts or len(name) > _LONGEST_PATH or not name.isprintable():
        raise refused(
            f"Expected paths inside the archive but got {name[:80]!r}.",
            f"压缩包里的路径“{name[:80]}”指向压缩包之外，不予接受。",
        )
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

"""Rules for files: references to uploaded attachments, their number, type and size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

import regex

from engine.models.forms.component import Component
from engine.models.forms.problems import Refused
from engine.models.forms.texts import clean

MAX_FILES: Final = 50
_ID: Final = regex.compile(r"[A-Za-z0-9-]{1,64}")
_DIGEST: Final = regex.compile(r"[0-9a-f]{64}")
_SIZE: Final = regex.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?\s*", regex.IGNORECASE)
_UNITS: Final = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def check_files(component: Component, value: object) -> list[dict[str, object]]:
    """References `{id, name, size, type}` (and `sha256`); whether the uploads exist is the engine's to say."""
    if value is None or value == "":
        return []
    entries = [value] if isinstance(value, Mapping) else value
    if not isinstance(entries, list | tuple):
        raise Refused("not_a_file")
    if len(entries) > 1 and not component.multiple:
        raise Refused("single_file")
    if len(entries) > MAX_FILES:
        raise Refused("too_many_items", limit=MAX_FILES)
    return [_check_file(component, entry, f"[{position}]") for position, entry in enumerate(entries)]


def _check_file(component: Component, entry: object, at: str) -> dict[str, object]:
    if not isinstance(entry, Mapping):
        raise Refused("not_a_file", at=at)
    id_, name, size = entry.get("id"), entry.get("name"), entry.get("size")
    type_, digest = entry.get("type", ""), entry.get("sha256")
    texts_fit = isinstance(id_, str) and _ID.fullmatch(id_) and isinstance(name, str) and 0 < len(name) <= 255
    if not texts_fit or isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise Refused("not_a_file", at=at)
    if not isinstance(type_, str) or len(type_) > 255 or not (digest is None or _is_digest(digest)):
        raise Refused("not_a_file", at=at)
    name = clean(str(name))
    if component.accept and not accepts(component.accept, name, type_):
        raise Refused("file_type", limit=component.accept, actual=name, at=at)
    if component.max_size is not None and size > component.max_size:
        raise Refused("file_too_large", limit=size_text(component.max_size), actual=name, at=at)
    reference: dict[str, object] = {"id": id_, "name": name, "size": size, "type": type_}
    return reference if digest is None else {**reference, "sha256": digest}


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def accepts(accept: str, name: str, type_: str) -> bool:
    """Whether a file fits HTML's `accept`: '.pdf, image/*, text/plain'."""
    suffix = PurePath(name).suffix.lower()
    for wanted in (part.strip().lower() for part in accept.split(",")):
        if wanted.startswith(".") and suffix == wanted:
            return True
        if wanted in ("*", "*/*", type_.lower()) and wanted:
            return True
        if wanted.endswith("/*") and type_.lower().startswith(wanted[:-1]):
            return True
    return False


def read_size(text: str) -> int | None:
    """Bytes from '5 MB', '300KB' or a plain number; None if it is no size."""
    found = _SIZE.fullmatch(text)
    return None if found is None else int(float(found[1]) * _UNITS[found[2].upper()])


def size_text(size: int) -> str:
    """A size for people: '5 MB'."""
    for unit in ("GB", "MB", "KB"):
        factor = _UNITS[unit[0]]
        if size >= factor:
            return f"{size / factor:g} {unit}"
    return f"{size} B"

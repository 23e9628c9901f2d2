"""Posted fields → values by key. Nothing is judged here: what cannot be a number stays the text it is.

Names in HTML are paths: `photo`, `applicant.phone`, `items[0].amount`. A list's own name comes along as
a hidden field, so that an emptied list is told from one that was not on the page; so does each row's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from engine.models.forms import Component, Host, Option
from engine.models.forms.component import MULTIPLE_CHOICES, SINGLE_CHOICES
from engine.models.forms.scope import as_text, get_path, has_path, merge, set_path

ADD_ROW, REMOVE_ROW = "add-row", "remove-row"
_NUMBER = re.compile(r"[+-]?(\d{1,15}(\.\d{0,12})?|\.\d{1,12})")
_MOST_ROWS = 500

TakeFile = Callable[[str, UploadFile | str], dict[str, object] | None]
"""(field, an upload or the id of an earlier one) → what stands in the variable; None if it cannot be had."""


class _Around(NamedTuple):
    context: Mapping[str, object]
    host: Host
    take_file: TakeFile


async def posted_form(request: Request) -> FormData:
    """The fields of a posted page; a dependency, read once a request."""
    form = await request.form()
    request.state.form = form  # its files are closed when the request is over
    return form


def read_values(
    components: Iterable[Component],
    posted: FormData,
    *,
    context: Mapping[str, object],
    host: Host,
    take_file: TakeFile,
) -> dict[str, Any]:
    """What was typed, as `Form.validate` takes it.

    Args:
        components: of the form.
        posted: fields by HTML name.
        context: variables around the form, for options that come from them.
        host: the clock and the functions of the site, likewise.
        take_file: stores an upload.
    """
    return _level(tuple(components), posted, "", _Around(context, host, take_file))


def choice_value(option: Option, position: int) -> str:
    """How an option stands in HTML: its value as text; objects and lists by their position."""
    return f"#{position}" if isinstance(option.value, dict | list) else as_text(option.value)


def rows_of(posted: FormData, name: str) -> list[int]:
    """Numbers of a list's rows on the page, in order, less the one that is being removed."""
    begin = re.compile(re.escape(name) + r"\[(\d{1,4})\]")
    found = {int(match[1]) for key in posted if (match := begin.match(key))}
    removed = str(posted.get(REMOVE_ROW, ""))
    return [number for number in sorted(found) if f"{name}[{number}]" != removed][:_MOST_ROWS]


def is_reshaping(posted: FormData) -> bool:
    """Whether a row was to be added or removed, rather than the form handed in (without scripts)."""
    return bool(posted.get(ADD_ROW) or posted.get(REMOVE_ROW))


def _level(
    components: Sequence[Component],
    posted: FormData,
    prefix: str,
    known: _Around,
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    # what cannot be entered is not on the page: its value is the variable's, not an empty one
    fields = [c for c in _flat(components) if c.key and not (c.readonly or c.disabled)]
    for component in fields:
        name = prefix + component.key
        if component.type == "dynamiclist":
            if name in posted:
                set_path(values, component.key, _rows(component, posted, name, known))
        elif component.type == "filepicker":
            set_path(values, component.key, _files(name, posted, known.take_file))
        elif component.type == "checkbox":
            set_path(values, component.key, name in posted)
        elif component.type in MULTIPLE_CHOICES:
            set_path(values, component.key, [text for text in posted.getlist(name) if isinstance(text, str)])
        elif component.is_input and isinstance(text := posted.get(name), str):
            set_path(values, component.key, _typed(component, text))
    # options may depend on other values, so choices are understood last
    for component in fields:
        if component.type in SINGLE_CHOICES | MULTIPLE_CHOICES and has_path(values, component.key):
            options = component.resolved(values, known.context, known.host).options
            set_path(values, component.key, _chosen(options, get_path(values, component.key)))
    return values


def _rows(component: Component, posted: FormData, name: str, known: _Around) -> list[dict[str, Any]]:
    rows = [_level(component.components, posted, f"{name}[{number}].", known) for number in rows_of(posted, name)]
    if posted.get(ADD_ROW) == name:
        rows.append({})
    return rows


def _files(name: str, posted: FormData, take_file: TakeFile) -> list[dict[str, object]]:
    kept: dict[object, dict[str, object]] = {}
    for entry in posted.getlist(name):
        if isinstance(entry, UploadFile) and not entry.filename:
            continue  # a file field that was left empty
        found = take_file(name, entry)
        if found is not None:
            kept[found["id"]] = found
    return list(kept.values())


def _typed(component: Component, text: str) -> object:
    """Text as it was typed; a plain number as a number, so that conditions can compare it."""
    if component.type != "number":
        return text
    plain = unicodedata.normalize("NFKC", text.strip())
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain) or component.as_text:
        return plain
    return float(plain) if "." in plain else int(plain)


def _chosen(options: Sequence[Option], value: object) -> object:
    by_text = {choice_value(option, position): option.value for position, option in enumerate(options)}
    if isinstance(value, list):
        return [by_text.get(item, item) for item in value]
    return by_text.get(str(value), value) if value else None


def _flat(components: Iterable[Component]) -> Iterable[Component]:
    """Components of one level: groups opened, lists closed."""
    for component in components:
        yield component
        if component.type == "group":
            yield from _flat(component.components)


def around(context: Mapping[str, object], values: Mapping[str, object], item: object, position: int) -> dict[str, Any]:
    """What FEEL in a list's row sees: the variables, the form's values, and `this`, `parent`, `i` (from 1)."""
    outer = merge(context, values)
    return {**outer, "this": item, "parent": outer, "i": position + 1}

"""Values of a case in words: labelled as the forms of its process label them, files and codes made readable."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, get_args

import orjson

from api.pages.visit import Visit
from engine.contracts.principal import Role
from engine.errors import CiviflowError
from engine.feel.runtime import HostFunctions
from engine.models.forms import Component, FormTexts, Host, read_form
from engine.models.forms.component import CHOICES, MULTIPLE_CHOICES
from engine.models.forms.scope import get_path
from engine.settings import APP_FILE, fill_choices, read_settings

_SHORT = 300


def entries(
    visit: Visit, definition_id: str, variables: Mapping[str, Any], *, but: Collection[str] = ()
) -> list[tuple[str, str]]:
    """What people entered so far: (label, value) in the order of entry; empty ones and files left out.

    Args:
        visit: whose language counts.
        definition_id: the process, whose forms say what a variable is called.
        variables: of the case.
        but: keys to leave out, such as those of the form beside it.
    """
    texts = FormTexts(language=visit.language)
    host = visit.reader.form_host(definition_id)
    fields = _fields_of(visit, definition_id, host.functions)
    entered = {name: position for position, name in enumerate(variables)}
    named = visit.texts_of(definition_id)
    seen = {"settings": visit.reader.settings(definition_id), **variables}
    lines = []
    for key in sorted(fields, key=lambda key: entered.get(key.partition(".")[0], len(entered))):
        component, value = fields[key], get_path(variables, key)
        if key in but or component.type == "filepicker" or value in (None, "", [], {}):
            continue
        # several forms may ask for one variable in their own words; the process may name it for all
        label = named.get(key) or texts.label(component.resolved({}, seen, host))
        lines.append((label or key, _said(visit, texts, component, value, (seen, host), named)))
    return lines


def in_words(visit: Visit, value: Any) -> str:
    """One JSON value as a line of text."""
    match value:
        case None | "":
            return "–"
        case bool():
            return visit.gettext("yes") if value else visit.gettext("no")
        case int() | float() | str():
            return _cut(str(value))
        case Mapping():
            return _cut("; ".join(f"{key}: {in_words(visit, inner)}" for key, inner in value.items()))
        case Sequence():
            return _cut(visit.gettext(", ").join(in_words(visit, inner) for inner in value))
    return _cut(str(value))


def _said(
    visit: Visit,
    texts: FormTexts,
    component: Component,
    value: Any,
    around: tuple[Mapping[str, Any], Host],
    named: Mapping[str, str],
) -> str:
    if component.type not in CHOICES:
        return in_words(visit, value)
    options = component.resolved({}, *around).options
    chosen = value if component.type in MULTIPLE_CHOICES and isinstance(value, list) else [value]
    # what was chosen may no longer be on offer; the process may have a word for it all the same
    said = [
        next((texts.label(o) for o in options if o.value == one), named.get(str(one)) or in_words(visit, one))
        for one in chosen
    ]
    return _cut(visit.gettext(", ").join(said))


def _fields_of(visit: Visit, definition_id: str, functions: HostFunctions) -> Mapping[str, Component]:
    """Key → component of every form of a definition; the first form that has a key names it."""
    found = _known.get(definition_id)
    if found is None:
        try:
            detail = visit.reader.definition(definition_id)
            paths = [path for path in detail.resources if path.endswith((".json", ".form")) or path == APP_FILE]
            files = {path: visit.reader.definition_resource(definition_id, path) for path in paths}
        except CiviflowError:
            return {}  # whoever sees the case need not see the model
        found = _known[definition_id] = _read(files, functions)
        if len(_known) > _MOST_KNOWN:
            _known.pop(next(iter(_known)))
    return found


# a definition never changes once it is deployed
_known: dict[str, Mapping[str, Component]] = {}
_MOST_KNOWN = 64

_ANYBODY: Mapping[str, object] = {"id": "", "roles": sorted(get_args(Role)), "groups": [], "department": ""}
"""Choices may depend on who fills a form in; what was chosen is called the same for whoever reads it."""


def _read(files: Mapping[str, bytes], functions: HostFunctions) -> Mapping[str, Component]:
    settings = read_settings(files)
    fields: dict[str, Component] = {}
    for path, content in files.items():
        if path == APP_FILE:
            continue
        try:
            form = read_form(fill_choices(orjson.loads(content), settings, _ANYBODY, functions))
        except (CiviflowError, ValueError):
            continue  # some other JSON file
        for component in form.components:
            for inner in component.walk() if component.type == "group" else [component]:
                if inner.is_input and inner.key:
                    fields.setdefault(inner.key, inner)
    return fields


def _cut(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:_SHORT]} …"

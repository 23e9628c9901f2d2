"""A form on a page: what is drawn, what was typed, what is handed to the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile

from api.pages.forms.fields import Field, FieldMaker
from api.pages.forms.posting import is_reshaping, read_values
from api.pages.uploads import store
from api.pages.visit import Visit
from engine.errors import FieldProblem, InvalidForm, InvalidInput, NotFound
from engine.feel import allowance
from engine.models.forms import Component, Host, read_form, seen_by
from engine.models.forms.form import EXPRESSION_SECONDS

_INDEX_AT_END = re.compile(r"\[\d+\]$")


@dataclass(frozen=True, kw_only=True)
class FormView:
    """What templates/forms/fields.html draws.

    Args:
        fields: in order.
        problems: (HTML id, sentence) for the summary above the form, each linked to its field.
        has_conditions: whether fields come and go with what is typed.
    """

    fields: tuple[Field, ...]
    problems: Sequence[tuple[str, str]]
    has_conditions: bool


class StepForm:
    """The form of a step.

    Args:
        visit: whose language, files and time zone count.
        schema: form-js schema.
        context: variables that the form sees.
        host: the clock and the functions that its expressions see.
    """

    def __init__(self, visit: Visit, schema: Mapping[str, Any], *, context: Mapping[str, Any], host: Host) -> None:
        self._visit = visit
        self._form = read_form(schema)
        self._texts = self._form.texts(visit.language)
        self._context = seen_by(visit.by, context)
        self._host = host
        self._upload_problems: list[FieldProblem] = []

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the form's own fields."""
        return frozenset(component.key for component in self._form.walk() if component.key)

    def defaults(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """Initial values."""
        return self._form.defaults({**self._context, **context}, self._host)

    def read(self, posted: FormData, *, upload: bool = True) -> dict[str, Any]:
        """What was typed. Files are stored on the way, unless `upload` is off; a refused one is told later."""

        def take(field: str, entry: UploadFile | str) -> dict[str, object] | None:
            return self._take_file(field, entry, upload=upload)

        return read_values(self._form.components, posted, context=self._context, host=self._host, take_file=take)

    def submitted(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values as the engine takes them; it checks every rule itself.

        Raises:
            InvalidForm: an upload was refused.
        """
        if self._upload_problems:
            raise InvalidForm("Some files cannot be taken.", problems=self._upload_problems)
        return values

    def hidden(self, values: Mapping[str, Any]) -> list[str]:
        """HTML names of the fields that do not apply to these values, in lists as well."""
        with allowance(EXPRESSION_SECONDS):
            return _hidden_names(self._maker().level(self._form.components, values, self._context))

    def view(
        self,
        values: Mapping[str, Any],
        *,
        error: InvalidForm | None = None,
        readonly: bool = False,
    ) -> FormView:
        """What is drawn for these values and, after a refusal, what is wrong with them."""
        said = self._problems(error) if error else {}
        maker = self._maker(problems={name: text for name, (_, text) in said.items()}, readonly=readonly)
        with allowance(EXPRESSION_SECONDS):
            fields = maker.level(self._form.components, values, self._context)
        labels, colon = {field.name: field.label for field in _walk(fields)}, self._visit.gettext(": ")
        summary = [
            (f"f-{name}" if name in labels else "", f"{labels[name]}{colon}{t}" if labels.get(name) else t)
            for name, (_, t) in said.items()
        ]
        return FormView(fields=fields, problems=summary, has_conditions=self._has_conditions())

    @staticmethod
    def is_reshaping(posted: FormData) -> bool:
        """Whether a list's row was to be added or removed, rather than the form handed in."""
        return is_reshaping(posted)

    def _maker(self, problems: Mapping[str, str] | None = None, *, readonly: bool = False) -> FieldMaker:
        return FieldMaker(
            texts=self._texts,
            context=self._context,
            zone=self._visit.zone,
            size=self._visit.size,
            host=self._host,
            problems=problems or {},
            readonly=readonly,
        )

    def _problems(self, error: InvalidForm) -> dict[str, tuple[str, str]]:
        """HTML name → (code, sentence); what belongs to one entry of a field stands at the field."""
        known = set(_names(self._form.components))
        found: dict[str, tuple[str, str]] = {}
        for problem in error.problems:
            chinese = self._visit.language == "zh" and problem.message_zh
            text = problem.message_zh if chinese else problem.message
            name = problem.field
            if re.sub(r"\[\d+\]", "[]", name) not in known:
                name = _INDEX_AT_END.sub("", name)
            found.setdefault(name, (problem.code, text))
        return found

    def _has_conditions(self) -> bool:
        return any(component.hide for component in self._form.walk())

    def _take_file(self, field: str, entry: UploadFile | str, *, upload: bool) -> dict[str, object] | None:
        if isinstance(entry, UploadFile):
            if not upload:
                return None
            try:
                return store(self._visit, entry, field=field).as_variable()
            except InvalidInput as error:
                self._upload_problems += error.problems
                return None
        try:
            ref = self._visit.reader.attachment_info(entry).ref
        except NotFound:
            return None
        found: dict[str, object] = ref.as_variable()
        return found


def _names(components: Sequence[Component], prefix: str = "") -> list[str]:
    names: list[str] = []
    for component in components:
        if component.type == "group":
            names += _names(component.components, prefix)
        elif component.key:
            names.append(prefix + component.key)
            names += _names(component.components, f"{prefix}{component.key}[].")
    return names


def _walk(fields: Sequence[Field]) -> list[Field]:
    found: list[Field] = []
    for field in fields:
        found.append(field)
        found += _walk(field.children)
        if field.kind == "list":
            for row in field.rows:
                found += _walk(row)
    return found


def _hidden_names(fields: Sequence[Field]) -> list[str]:
    return [field.name for field in _walk(fields) if field.hidden]

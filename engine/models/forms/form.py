"""A form: its components, and the check of what somebody entered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.errors import InvalidForm
from engine.feel import allowance
from engine.models.forms import scope as scopes
from engine.models.forms.check import Check
from engine.models.forms.component import Column, Component, Option
from engine.models.forms.typed import typed

SITE_ZONE = "Asia/Shanghai"
EXPRESSION_SECONDS = 5.0
"""All expressions of one form together."""


@dataclass(frozen=True, kw_only=True)
class FormTexts:
    """Texts of a form in one language.

    A component carries `label` and, for other languages, `properties.label_en`, `properties.label_zh`
    (likewise `description_…`, `text_…`); options and columns carry `label_en`, `label_zh` themselves.
    Where a translation is missing, the plain text stands.
    """

    language: str

    def label(self, item: Component | Option | Column) -> str:
        """The label of a component, option or column."""
        if isinstance(item, Component):
            return self._of(item, "label")
        return item.labels.get(self.language) or item.label

    def description(self, component: Component) -> str:
        """The help text below a field."""
        return self._of(component, "description")

    def text(self, component: Component) -> str:
        """The content of a text component."""
        return self._of(component, "text")

    def _of(self, component: Component, name: str) -> str:
        written: str = getattr(component, name)
        return component.properties.get(f"{name}_{self.language}") or written


@dataclass(frozen=True, kw_only=True)
class Form:
    """A checked form-js form.

    Args:
        id: the schema's id, or ''.
        components: the tree, in document order.
    """

    id: str = ""
    components: tuple[Component, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    def validate(
        self,
        values: Mapping[str, object],
        *,
        context: Mapping[str, object] | None = None,
        now: datetime | None = None,
        zone: str = SITE_ZONE,
    ) -> dict[str, object]:
        """Check what was entered and turn it into process variables.

        Args:
            values: by key; JSON types or, from an HTML form, texts; keys with dots are nested objects.
            context: what the form can see (for conditions, options and bounds): the variables and, from
                `seen_by`, who fills it in.
            now: the command's instant; the wall clock if not given.
            zone: IANA name, for times entered without one.

        Returns:
            JSON-safe variables of the visible, enabled fields that were sent. Hidden, disabled and
            read-only fields never come through, whatever was sent for them.

        Raises:
            InvalidForm: with a problem for every field that needs another value.
        """
        check = Check(now=now or datetime.now(UTC), zone=ZoneInfo(zone))
        with allowance(EXPRESSION_SECONDS):
            clean = check.level(self.components, values, context or {})
        if check.problems:
            fields = ", ".join(dict.fromkeys(problem.field for problem in check.problems))
            raise InvalidForm(
                f"Expected other values in {len(check.problems)} places: {fields}.",
                problems=check.problems,
            )
        return clean

    def typed(self, values: Mapping[str, object]) -> dict[str, object]:
        """Entered values with numbers as numbers and ticks as booleans, unjudged: for `Component.visible`."""
        return typed(self.components, values)

    def defaults(self, context: Mapping[str, object] | None = None) -> dict[str, object]:
        """Initial values: the variable of that name if there is one, else the field's default."""
        return _defaults(self.components, context or {})

    def hidden(
        self,
        values: Mapping[str, object],
        *,
        context: Mapping[str, object] | None = None,
        now: datetime | None = None,
        zone: str = SITE_ZONE,
    ) -> frozenset[str]:
        """Ids of the components that do not show for these values; those inside dynamic lists not counted."""
        check = Check(now=now or datetime.now(UTC), zone=ZoneInfo(zone))
        with allowance(EXPRESSION_SECONDS):
            return frozenset(check.hidden(self.components, values, context or {}))

    def texts(self, language: str) -> FormTexts:
        """Labels in a language ('zh', 'en', 'zh-CN', 'zh_Hans')."""
        return FormTexts(language=language.replace("_", "-").partition("-")[0].lower())

    def walk(self) -> Iterator[Component]:
        """All components, containers before their children."""
        for component in self.components:
            yield from component.walk()


def _defaults(components: tuple[Component, ...], context: Mapping[str, object]) -> dict[str, object]:
    values: dict[str, object] = {}
    for component in components:
        if component.type == "group":
            values = scopes.merge(values, _defaults(component.components, context))
        elif component.type == "dynamiclist":
            rows = scopes.get_path(context, component.key)
            if not isinstance(rows, list):
                rows = [dict[str, object]() for _ in range(component.repetitions)]
            items = [_defaults(component.components, row) for row in rows if isinstance(row, Mapping)]
            scopes.set_path(values, component.key, items)
        elif component.is_input and scopes.has_path(context, component.key):
            scopes.set_path(values, component.key, scopes.get_path(context, component.key))
        elif component.is_input:
            scopes.set_path(values, component.key, _initial(component))
    return values


def _initial(component: Component) -> object:
    if component.default is not None:
        return component.default
    if component.type == "checkbox":
        return False
    if component.type in ("checklist", "taglist", "filepicker"):
        return []
    return "" if component.type in ("textfield", "textarea") else None

"""A form: its components, and the check of what somebody entered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.clock import on_site
from engine.errors import InvalidForm
from engine.feel import allowance
from engine.models.forms import scope as scopes
from engine.models.forms.check import Check
from engine.models.forms.component import Column, Component, Option
from engine.models.forms.typed import flat, typed

Functions = Mapping[str, Callable[..., object]]
_NONE: Functions = {}
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
        functions: Functions = _NONE,
    ) -> dict[str, object]:
        """Check what was entered and turn it into process variables.

        Args:
            values: by key; JSON types or, from an HTML form, texts; keys with dots are nested objects.
            context: what the form can see (for conditions, options and bounds): the variables and, from
                `seen_by`, who fills it in.
            now: the command's instant; the wall clock if not given.
            zone: IANA name, for times entered without one and for `today()`.
            functions: those of the site, which expressions may call.

        Returns:
            JSON-safe variables of the visible, enabled fields that were sent. Hidden, disabled and
            read-only fields never come through, whatever was sent for them.

        Raises:
            InvalidForm: with a problem for every field that needs another value.
        """
        check = _check(now, zone, functions)
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

    def defaults(
        self, context: Mapping[str, object] | None = None, host: scopes.Host = scopes.ALONE
    ) -> dict[str, object]:
        """Initial values: the variable of that name if there is one, else the field's default.

        A default that is FEEL sees the variables and the initial values of the fields before it.
        """
        with allowance(EXPRESSION_SECONDS):
            return _defaults(self.components, context or {}, {}, host)

    def hidden(
        self,
        values: Mapping[str, object],
        *,
        context: Mapping[str, object] | None = None,
        now: datetime | None = None,
        zone: str = SITE_ZONE,
        functions: Functions = _NONE,
    ) -> frozenset[str]:
        """Ids of the components that do not show for these values; those inside dynamic lists not counted."""
        check = _check(now, zone, functions)
        with allowance(EXPRESSION_SECONDS):
            return frozenset(check.hidden(self.components, values, context or {}))

    def computed(
        self, values: Mapping[str, object], context: Mapping[str, object], host: scopes.Host = scopes.ALONE
    ) -> dict[str, object]:
        """The values with those of the computed fields ('expression') beside them."""
        found = dict(values)
        fields = [component for component in flat(self.components) if component.type == "expression"]
        if fields:
            check = Check(now=host.now or datetime.now(UTC), zone=UTC, host=host)
            with allowance(EXPRESSION_SECONDS):
                reckoned = check.computed(fields, typed(self.components, values), context, set())
            for component in fields:
                found = scopes.with_path(found, component.key, scopes.get_path(reckoned, component.key))
        return found

    def texts(self, language: str) -> FormTexts:
        """Labels in a language ('zh', 'en', 'zh-CN', 'zh_Hans')."""
        return FormTexts(language=language.replace("_", "-").partition("-")[0].lower())

    def walk(self) -> Iterator[Component]:
        """All components, containers before their children."""
        for component in self.components:
            yield from component.walk()


def _check(now: datetime | None, zone: str, functions: Functions) -> Check:
    site = ZoneInfo(zone)
    moment = on_site(now or datetime.now(UTC), site)
    return Check(now=moment, zone=site, host=scopes.Host(now=moment, functions=functions))


def _defaults(
    components: tuple[Component, ...],
    context: Mapping[str, object],
    before: Mapping[str, object],
    host: scopes.Host,
) -> dict[str, object]:
    values: dict[str, object] = {}
    for component in components:
        if component.type == "group":
            seen = scopes.merge(before, values)
            values = scopes.merge(values, _defaults(component.components, context, seen, host))
        elif component.type == "dynamiclist":
            rows = scopes.get_path(context, component.key)
            if not isinstance(rows, list):
                rows = [dict[str, object]() for _ in range(component.repetitions)]
            around = scopes.merge(scopes.merge(before, context), values)
            items = [_defaults(component.components, row, around, host) for row in rows if isinstance(row, Mapping)]
            scopes.set_path(values, component.key, items)
        elif component.is_input and scopes.has_path(context, component.key):
            scopes.set_path(values, component.key, scopes.get_path(context, component.key))
        elif component.is_input:
            computed = "default" in component.computed
            seen = scopes.merge(scopes.merge(before, context), values) if computed else {}
            scopes.set_path(values, component.key, component.initial(seen, host))
    return values

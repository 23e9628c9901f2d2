"""Checking a level of a form: the form itself, or one item of a dynamic list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Final

from engine.errors import FieldProblem
from engine.models.forms import scope as scopes
from engine.models.forms.choices import check_checkbox, check_choice, check_choices
from engine.models.forms.component import MULTIPLE_CHOICES, SINGLE_CHOICES, TEXT_INPUTS, Component
from engine.models.forms.files import check_files
from engine.models.forms.moments import check_moment
from engine.models.forms.numbers import check_number
from engine.models.forms.problems import Refused, problem, rule_problem
from engine.models.forms.texts import check_text
from engine.models.forms.typed import flat, typed

MAX_ITEMS: Final = 500
MAX_PROBLEMS: Final = 200


@dataclass(kw_only=True)
class Check:
    """One validation: gathers the problems of all levels.

    Args:
        now: the instant that 'not in the past' means, in the site's zone.
        zone: of times entered without one.
        host: what expressions have beside values.
    """

    now: datetime
    zone: tzinfo
    host: scopes.Host
    problems: list[FieldProblem] = field(default_factory=list)

    def level(
        self,
        components: tuple[Component, ...],
        values: Mapping[str, object],
        context: Mapping[str, object],
        at: str = "",
    ) -> dict[str, object]:
        """Clean values of one level; problems are named from `at`, such as 'items[2].'."""
        fields = [component for component in flat(components) if component.key]
        self._refuse_unknown(fields, values, at)
        hidden = self.hidden(components, values, context)
        # What was entered in hidden fields must not steer those that show.
        entered = _without(typed(components, values), fields, hidden)
        scope = scopes.merge(context, self.computed(fields, entered, context, hidden))
        clean: dict[str, object] = {}
        for component in fields:
            if component.id not in hidden:
                self._field(component, values, context, scope, clean, at)
        clean = self.computed(fields, clean, context, hidden)
        for component in fields:
            if component.rule and component.id not in hidden:
                self._rule(component, scopes.merge(context, clean), clean, at)
        return clean

    def computed(
        self, fields: list[Component], values: Mapping[str, object], context: Mapping[str, object], hidden: set[str]
    ) -> dict[str, object]:
        """The values with those of the computed fields; a later one sees the earlier."""
        found = dict(values)
        for component in fields:
            if component.type == "expression" and component.id not in hidden:
                value = component.ask("expression", component.expression, scopes.merge(context, found), self.host)
                found = scopes.with_path(found, component.key, value)
        return found

    def _rule(self, component: Component, scope: Mapping[str, object], clean: Mapping[str, object], at: str) -> None:
        """A field's own rule, asked of what was entered; one that gives null is not kept either."""
        path, value = at + component.key, scopes.get_path(clean, component.key)
        if _is_empty(component, value) or any(found.field == path for found in self.problems):
            return
        held = component.ask("check", component.rule, scope, self.host)
        if held is not True:
            said = component.resolved({}, scope, self.host).properties if held is False else {}
            self._add(rule_problem(path, said, undecided=held is not False))

    def _field(
        self,
        component: Component,
        values: Mapping[str, object],
        context: Mapping[str, object],
        scope: Mapping[str, object],
        clean: dict[str, object],
        at: str,
    ) -> None:
        if component.type == "expression":
            return
        settled = component.resolved({}, scope, self.host)
        if settled.disabled or settled.readonly:
            return
        path = at + component.key
        given = scopes.has_path(values, component.key)
        value = scopes.get_path(values, component.key)
        checked: object = None
        try:
            if component.type == "dynamiclist":
                checked = self._list(settled, value, context, scope, path) if given else None
            else:
                checked = self._value(settled, value)
        except Refused as refused:
            self._add(problem(path + refused.at, refused.code, limit=refused.limit, actual=refused.actual))
            return
        if settled.required and _is_empty(settled, checked):
            self._add(problem(path, _required_code(settled)))
        elif given:
            scopes.set_path(clean, component.key, checked)

    def _value(self, component: Component, value: object) -> object:
        if component.type in TEXT_INPUTS:
            return check_text(component, value)
        if component.type == "number":
            return check_number(component, value)
        if component.type == "datetime":
            return check_moment(component, value, now=self.now, zone=self.zone)
        if component.type == "checkbox":
            return check_checkbox(component, value)
        if component.type in SINGLE_CHOICES:
            return check_choice(component, value)
        if component.type in MULTIPLE_CHOICES:
            return check_choices(component, value)
        return check_files(component, value)

    def _list(
        self,
        component: Component,
        value: object,
        context: Mapping[str, object],
        scope: Mapping[str, object],
        path: str,
    ) -> list[object]:
        if value is None or value == "":
            return []
        if not isinstance(value, list | tuple):
            raise Refused("not_a_list")
        if len(value) > MAX_ITEMS:
            raise Refused("too_many_items", limit=MAX_ITEMS)
        if not component.allow_add_remove:
            existing = scopes.get_path(context, component.key)
            expected = len(existing) if isinstance(existing, list) else component.repetitions
            if len(value) != expected:
                raise Refused("fixed_length", limit=expected)
        items: list[object] = []
        for position, item in enumerate(value):
            if not isinstance(item, Mapping):
                self._add(problem(f"{path}[{position}]", "not_an_object"))
                continue
            # As in form-js: the item's fields, and `this`, `parent` and `i` (from 1).
            seen = typed(component.components, item)
            around = {**scope, "this": seen, "parent": scope, "i": position + 1}
            items.append(self.level(component.components, item, around, f"{path}[{position}]."))
        return items

    def hidden(
        self, components: tuple[Component, ...], values: Mapping[str, object], context: Mapping[str, object]
    ) -> set[str]:
        """Ids of hidden components.

        What a hidden field holds is gone, which may show or hide others: repeated until it settles.
        """
        fields = list(flat(components))
        values = typed(components, values)
        hidden: set[str] = set()
        for _ in range(len(fields) + 1):
            entered = self.computed(fields, _without(values, fields, hidden), context, hidden)
            scope = scopes.merge(context, entered)
            found = set(self._hidden_once(components, scope))
            if found == hidden:
                break
            hidden = found
        return hidden

    def _hidden_once(
        self, components: tuple[Component, ...], scope: Mapping[str, object], *, all_of: bool = False
    ) -> Iterator[str]:
        for component in components:
            hides = all_of or not component.visible({}, scope, self.host)
            if hides:
                yield component.id
            if component.type == "group":
                yield from self._hidden_once(component.components, scope, all_of=hides)

    def _refuse_unknown(self, fields: list[Component], values: Mapping[str, object], at: str) -> None:
        known: dict[str, object] = {}
        for component in fields:
            scopes.set_path(known, component.key, None)
        self._refuse_beside(known, values, at)

    def _refuse_beside(self, known: Mapping[str, object], values: Mapping[str, object], at: str) -> None:
        for key, value in values.items():
            below = known.get(key)
            if key not in known:
                self._add(problem(f"{at}{str(key)[:80]}", "unknown_field"))
            elif isinstance(below, Mapping):
                if isinstance(value, Mapping):
                    self._refuse_beside(below, value, f"{at}{key}.")
                elif value is not None:
                    self._add(problem(f"{at}{key}", "not_an_object"))

    def _add(self, found: FieldProblem) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(found)


def _without(values: Mapping[str, object], fields: list[Component], hidden: set[str]) -> Mapping[str, object]:
    for component in fields:
        if component.key and component.id in hidden:
            values = scopes.drop_path(values, component.key)
    return values


def _is_empty(component: Component, value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or value == [] or (component.type == "checkbox" and value is False)


def _required_code(component: Component) -> str:
    if component.type == "checkbox":
        return "unchecked"
    return "too_few_items" if component.type == "dynamiclist" else "required"

"""A form-js schema (JSON) → a checked `Form`. Everything wrong with it is said at once, by component."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

import regex

from engine.errors import ExpressionError, FieldProblem, InvalidInput
from engine.models.forms.component import (
    CHOICES,
    CONTAINERS,
    INPUTS,
    TYPES,
    Column,
    Component,
    languages,
    read_options,
)
from engine.models.forms.files import read_size
from engine.models.forms.form import Form
from engine.models.forms.scope import USER, templates
from engine.models.forms.settings import SETTINGS
from engine.models.forms.texts import MAX_PATTERN, compile_pattern

MAX_BYTES: Final = 1024 * 1024
MAX_COMPONENTS: Final = 500
MAX_DEPTH: Final = 10
_SHOWN: Final = regex.compile(r"(label|description|text|check_message)(_|$)")
"""Custom properties that hold texts for people."""
_BLOCK: Final = regex.compile(r"\{\{\s*[#/]")
_KEY: Final = regex.compile(r"\w+(?:\.\w+)*")


def read_form(data: bytes | Mapping[str, Any], *, functions: Collection[str] | None = None) -> Form:
    """Read a form-js schema.

    Args:
        data: JSON text in UTF-8, or the object it holds.
        functions: for a form that is uploaded: names of the functions that the site adds to FEEL. Calls of
            any other are refused, and templates in texts that cannot be read. None: it was checked before.

    Raises:
        InvalidInput: it is no form, or some of its components cannot be meant; `problems` names each.
    """
    schema = _load(data) if isinstance(data, bytes) else data
    entries = schema.get("components")
    if not isinstance(entries, list):
        raise InvalidInput("Expected a form-js form with a list 'components' but it has none.")
    reader = _Reader(functions=functions)
    components = reader.level(entries, prefix="", depth=1)
    reader.check_user()
    if reader.problems:
        listed = "; ".join(f"{found.field}: {found.message}" for found in reader.problems[:5])
        raise InvalidInput(f"Expected a usable form but {listed}", problems=reader.problems)
    id_ = schema.get("id")
    return Form(
        id=id_ if isinstance(id_, str) else "",
        components=components,
        properties=_strings(schema.get("properties")),
    )


def _load(data: bytes) -> Mapping[str, Any]:
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"Expected a form of at most {MAX_BYTES // 1024} KB but it has {len(data) // 1024} KB.")
    try:
        schema = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as problem:
        raise InvalidInput(f"Expected a form as JSON in UTF-8 but it cannot be read: {problem}") from None
    if not isinstance(schema, dict):
        raise InvalidInput("Expected a form as a JSON object but it is something else.")
    return schema


@dataclass(kw_only=True)
class _Reader:
    """Reads components and gathers what is wrong with them."""

    functions: Collection[str] | None = None
    problems: list[FieldProblem] = field(default_factory=list)
    count: int = 0
    ids: set[str] = field(default_factory=set)
    named_user: list[str] = field(default_factory=list)
    asks_for_user: bool = False

    def level(
        self, entries: list[Any], *, prefix: str, depth: int, taken: set[str] | None = None
    ) -> tuple[Component, ...]:
        """Components of the form, of a group or of a list item; `taken` are the level's keys so far."""
        keys = set() if taken is None else taken
        found = []
        for position, entry in enumerate(entries):
            self.count += 1
            name = _name(entry, position)
            if self.count > MAX_COMPONENTS or depth > MAX_DEPTH:
                limit = f"{MAX_COMPONENTS} components, {MAX_DEPTH} levels deep"
                self._add(
                    name,
                    "too_many",
                    f"the form is larger than {limit}.",
                    f"表单超过限制({MAX_COMPONENTS} 个组件，{MAX_DEPTH} 层)。",
                )
                break
            component = self._component(entry, name, prefix=prefix, depth=depth, keys=keys)
            if component is not None:
                found.append(component)
        return tuple(found)

    def _component(self, entry: Any, name: str, *, prefix: str, depth: int, keys: set[str]) -> Component | None:
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            self._add(name, "no_type", "has no component type.", "没有组件类型。")
            return None
        type_ = entry["type"]
        if type_ not in TYPES:
            self._add(name, "unknown_type", f"has the unknown type '{type_}'.", f"的类型“{type_}”未知。")
            return None
        computed: dict[str, str] = {}
        settings = self._settings(entry, name, computed)
        key = self._key(entry, name, prefix=prefix, keys=keys)
        children = self._children(entry, name, key=key, prefix=prefix, depth=depth, keys=keys)
        component = Component(
            id=self._id(entry, name),
            type=type_,
            key="" if type_ == "group" else key,
            components=children,
            computed=computed,
            schema=entry,
            **settings,
        )
        self._check(component, name)
        return component

    def check_user(self) -> None:
        """Refuse a field called `user` where expressions mean the person: they would not see what is entered."""
        for name in self.named_user if self.asks_for_user else ():
            self._add(
                name,
                "reserved_key",
                "has the key 'user', which in this form's expressions is the person who fills it in; choose another.",
                "的键为“user”，但本表单的表达式用 user 表示填写人，请换一个键。",
            )

    def _id(self, entry: Mapping[str, Any], name: str) -> str:
        wanted = entry.get("id") if isinstance(entry.get("id"), str) else name
        id_, number = str(wanted), 2
        while id_ in self.ids:
            id_, number = f"{wanted}_{number}", number + 1
        self.ids.add(id_)
        return id_

    def _key(self, entry: Mapping[str, Any], name: str, *, prefix: str, keys: set[str]) -> str:
        type_ = entry["type"]
        if type_ not in INPUTS | CONTAINERS | {"expression"}:
            return ""
        own = entry.get("path" if type_ in CONTAINERS else "key") or ""
        if type_ == "group" and not own:
            return prefix
        if not isinstance(own, str) or not _KEY.fullmatch(own):
            self._add(
                name,
                "bad_key",
                f"needs a key such as 'applicant.name' but has '{own}'.",
                f"需要形如“applicant.name”的键，现为“{own}”。",
            )
            return ""
        key = f"{prefix}.{own}" if prefix else own
        if type_ == "group":
            return key
        clash = next((k for k in keys if k == key or k.startswith(f"{key}.") or key.startswith(f"{k}.")), None)
        if clash:
            self._add(
                name,
                "duplicate_key",
                f"has the key '{key}', which collides with '{clash}'.",
                f"的键“{key}”与“{clash}”冲突。",
            )
        keys.add(key)
        if key.partition(".")[0] == USER:
            self.named_user.append(name)
        return key

    def _children(
        self, entry: Mapping[str, Any], name: str, *, key: str, prefix: str, depth: int, keys: set[str]
    ) -> tuple[Component, ...]:
        if entry["type"] not in CONTAINERS:
            return ()
        entries = entry.get("components", [])
        if not isinstance(entries, list):
            self._add(name, "no_components", "needs a list of components.", "需要组件列表。")
            return ()
        if entry["type"] == "group":
            return self.level(entries, prefix=key, depth=depth + 1, taken=keys)
        return self.level(entries, prefix="", depth=depth + 1)

    def _settings(self, entry: Mapping[str, Any], name: str, computed: dict[str, str]) -> dict[str, Any]:
        written = entry.get("validate")
        rules: Mapping[str, Any] = written if isinstance(written, dict) else {}
        properties = _strings(entry.get("properties"))
        settings: dict[str, Any] = {"properties": properties}
        default = entry.get("defaultValue")
        if isinstance(default, str) and default.startswith("="):
            computed["default"] = default[1:].strip()
        else:
            settings["default"] = default
        for field_name, setting in SETTINGS.items():
            value = (rules if setting.rule else entry).get(setting.key)
            if value is None or value == "":
                continue
            if setting.computable and isinstance(value, str) and value.startswith("="):
                computed[field_name] = value[1:].strip()
                continue
            converted = setting.read(value)
            if converted is None:
                self._add(
                    name,
                    "bad_setting",
                    f"has '{setting.key}': {value!r}, which cannot be meant.",
                    f"的设置“{setting.key}”无法使用：{value!r}。",
                )
            else:
                settings[field_name] = converted
        settings |= self._special(entry, properties)
        return settings

    def _special(self, entry: Mapping[str, Any], properties: Mapping[str, str]) -> dict[str, Any]:
        special: dict[str, Any] = {}
        conditional = entry.get("conditional")
        if isinstance(conditional, dict) and isinstance(conditional.get("hide"), str):
            special["hide"] = conditional["hide"].removeprefix("=").strip()
        values = entry.get("values")
        if isinstance(values, list):
            special["options"] = read_options(values)
        columns = entry.get("columns")
        if isinstance(columns, list):
            special["columns"] = tuple(
                Column(key=str(c.get("key", "")), label=str(c.get("label", "")), labels=languages(c, "label"))
                for c in columns
                if isinstance(c, dict)
            )
        if isinstance(entry.get("content"), str):
            special["text"] = _plain_text(entry["content"])
        size = properties.get("max_size") or properties.get("maxSize")
        if size:
            special["max_size"] = read_size(size)
        if properties.get("check"):
            special["rule"] = properties["check"].removeprefix("=").strip()
        return special

    def _check(self, component: Component, name: str) -> None:
        self._check_feel(component, name)
        if component.pattern:
            self._check_pattern(component.pattern, name)
        for low, high in ((component.min, component.max), (component.min_length, component.max_length)):
            if low is not None and high is not None and low > high:
                self._add(
                    name,
                    "empty_range",
                    f"has a minimum ({low}) above its maximum ({high}).",
                    f"的最小值({low})大于最大值({high})。",
                )
        offered = component.options or component.options_key or component.options_expression
        if component.type in CHOICES and not offered:
            self._add(
                name,
                "no_options",
                "offers no choices: give values, valuesKey or valuesExpression.",
                "没有可选项：请填写 values、valuesKey 或 valuesExpression。",
            )
        if component.type == "expression" and not component.expression:
            self._add(name, "no_expression", "has no expression to compute.", "没有可计算的表达式。")

    def _check_pattern(self, pattern: str, name: str) -> None:
        try:
            if len(pattern) > MAX_PATTERN:
                raise regex.error("too long")
            compile_pattern(pattern)
        except regex.error as wrong:
            self._add(
                name,
                "bad_pattern",
                f"has a pattern that is no regular expression: {wrong}.",
                f"的格式不是有效的正则表达式：{wrong}。",
            )

    def _check_feel(self, component: Component, name: str) -> None:
        for where, feel in component.formulas.items():
            self._check_expression(feel, where, name)
        shown = {"label": component.label, "description": component.description, "text": component.text}
        shown |= {key: text for key, text in component.properties.items() if _SHOWN.match(key)}
        for where, text in shown.items():
            self._check_text(text, where, name)

    def _check_expression(self, feel: str, where: str, name: str) -> None:
        from engine.feel import compile_expression

        try:
            expression = compile_expression(feel, functions=self.functions or ())
        except ExpressionError as wrong:
            self._add(
                name,
                "bad_expression",
                f"has FEEL in '{where}' that cannot be read: {wrong.message}",
                f"“{where}”中的 FEEL 无法读取：{wrong.message}",
            )
            return
        self.asks_for_user |= USER in expression.names
        if self.functions is None:
            return
        for function in sorted(expression.functions.difference(self.functions)):
            self._add(
                name,
                "unknown_function",
                f"calls '{function}' in '{where}', a function that there is not; correct its name.",
                f"在“{where}”中调用了不存在的函数“{function}”，请改正名称。",
            )

    def _check_text(self, text: str, where: str, name: str) -> None:
        """The `{{…}}` of a text that people read."""
        if "{{" not in text or self.functions is None:
            return
        for feel in templates(text):
            self._check_expression(feel, where, name)
        if _BLOCK.search(text):
            self._add(
                name,
                "template_block",
                f"has a template block ({{{{#…}}}}) in '{where}', which is not run: "
                "write {{= if … then … else …}}, or show and hide a text of its own by a condition.",
                f"“{where}”中有模板块（{{{{#…}}}}），系统不执行：请改写为 {{{{= if … then … else …}}}}，"
                "或另设一段文字并按条件显示。",
            )

    def _add(self, name: str, code: str, message: str, message_zh: str) -> None:
        self.problems.append(FieldProblem(field=name, code=code, message=message, message_zh=message_zh))


def _name(entry: Any, position: int) -> str:
    """How a component is called in messages: key, label or id, else its position."""
    if isinstance(entry, dict):
        for key in ("key", "path", "label", "id"):
            if isinstance(entry.get(key), str) and entry[key]:
                return str(entry[key])[:80]
    return f"component {position + 1}"


def _strings(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(k): v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in value.items()}


class _TextOnly(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in ("p", "br", "div", "li", "tr", "h1", "h2", "h3"):
            self.parts.append("\n")


def _plain_text(html: str) -> str:
    parser = _TextOnly()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts).strip()

"""YAML that people write by hand, read safely, with the line of everything for messages.

Plain data only (`yaml.SafeLoader`), no aliases (they can make a small file huge), no key twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from engine.errors import InvalidInput

MAX_BYTES: Final = 1_000_000
_PLAIN_TAGS: Final = frozenset({"tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"})


class Section(dict[str, Any]):
    """A mapping of a YAML file that knows its lines.

    Args:
        file: name for messages.
        line: where the mapping begins, from 1.
        lines: key → line.
    """

    def __init__(self, values: Mapping[str, Any], file: str, line: int, lines: Mapping[str, int]) -> None:
        super().__init__(values)
        self.file = file
        self.line = line
        self.lines = dict(lines)

    def line_of(self, key: str) -> int:
        """The line of a key, or of the mapping where it has no such key."""
        return self.lines.get(key, self.line)

    def wrong(self, key: str, expected: str) -> InvalidInput:
        """An error about the value of a key: 'app.yaml, line 3: Expected … under 'key' but …'."""
        found = shown(self[key]) if key in self else "it is missing"
        return InvalidInput(f"{self.file}, line {self.line_of(key)}: Expected {expected} under '{key}' but {found}.")

    def only(self, *known: str) -> None:
        """Refuse keys that mean nothing here; a slip of the pen would otherwise be ignored.

        Raises:
            InvalidInput: names the key and those that there are.
        """
        for key in self:
            if key not in known:
                raise InvalidInput(
                    f"{self.file}, line {self.line_of(key)}: Expected one of {', '.join(known)} but found '{key}'."
                )

    def text(self, key: str, default: str | None = None) -> str:
        """A text; `default` None means that it must be there.

        Raises:
            InvalidInput: it is missing, or something else.
        """
        value = self.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return value

    def section(self, key: str) -> Section:
        """A mapping; an empty one if the key is missing.

        Raises:
            InvalidInput: it is something else.
        """
        value = self.get(key)
        if value is None:
            return Section({}, self.file, self.line_of(key), {})
        if not isinstance(value, Section):
            raise self.wrong(key, "a mapping")
        return value

    def sections(self, key: str) -> list[Section]:
        """A list of mappings; an empty one if the key is missing.

        Raises:
            InvalidInput: it is something else.
        """
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, Section) for each in value):
            raise self.wrong(key, "a list of mappings")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one; none if the key is missing.

        Raises:
            InvalidInput: it is something else.
        """
        value = self.get(key)
        if value is None:
            return ()
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise self.wrong(key, "a list of texts")
        return tuple(found)


def read_yaml(content: bytes, file: str) -> Section:
    """Read a YAML file whose top is a mapping.

    Args:
        content: UTF-8.
        file: its name, for messages.

    Raises:
        InvalidInput: it is not such a file; names file and line.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"{file}: Expected at most {MAX_BYTES // 1000} KB but it has {len(content) // 1000} KB.")
    try:
        loader = _Loader(content, file)
        try:
            node = loader.get_single_node()
            value = {} if node is None else _build(loader, node, file)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidInput(f"{file}, line {line}: Expected YAML but {error.problem or error.context}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{file}: Expected YAML in UTF-8 but it cannot be read: {error}.") from error
    if value == {}:
        return Section({}, file, 1, {})
    if not isinstance(value, Section):
        raise InvalidInput(f"{file}, line 1: Expected a mapping at the top but found {shown(value)}.")
    return value


def plain(value: Any) -> Any:
    """The same data without lines."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def shown(value: object) -> str:
    """A value for messages, shortened."""
    text = "nothing" if value is None else repr(plain(value))
    return text if len(text) <= 120 else text[:119] + "…"


class _Loader(yaml.SafeLoader):
    """Refuses aliases where they stand."""

    def __init__(self, content: bytes, file: str) -> None:
        super().__init__(content)
        self._file = file

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            place = f"{self._file}, line {event.start_mark.line + 1}"
            raise InvalidInput(f"{place}: Expected no aliases ('*{event.anchor}'); write the text out.")
        return super().compose_node(parent, index)


def _build(loader: yaml.SafeLoader, node: yaml.Node, file: str) -> Any:
    if isinstance(node, yaml.CollectionNode) and node.tag not in _PLAIN_TAGS:
        raise InvalidInput(f"{file}, line {node.start_mark.line + 1}: Expected plain data but found tag {node.tag}.")
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, each, file) for each in node.value]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node, deep=True)
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        if key is None or key in values:
            what = "a simple key" if key is None else f"'{key}' once in this mapping"
            raise InvalidInput(f"{file}, line {line}: Expected {what}.")
        values[key], lines[key] = _build(loader, value_node, file), line
    return Section(values, file, node.start_mark.line + 1, lines)

"""Types in `instance of` and in formal parameters (DMN 1.5, rule 52)."""

from __future__ import annotations

from engine.feel import ast
from engine.feel.budget import MAX_NESTING
from engine.feel.names import NameIndex, TokenStream

__all__ = ["TypeParser"]

# Types whose names hold keywords or several words; other names are read word by word.
_LONG_NAMES = (
    ("days", "and", "time", "duration"),
    ("day", "and", "time", "duration"),
    ("years", "and", "months", "duration"),
    ("year", "and", "month", "duration"),
    ("date", "and", "time"),
)


class TypeParser(TokenStream):
    """The part of the parser that reads types."""

    depth = 0
    known_types = NameIndex()

    def type(self) -> ast.Type:
        self.enter()
        result = self._type()
        self.depth -= 1
        return result

    def enter(self) -> None:
        """Count one level of nesting; `FeelError` beyond `MAX_NESTING`."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.error(f"Expected at most {MAX_NESTING} levels of nesting")

    def _type(self) -> ast.Type:
        if self.ahead().text == "<" and self.token.kind == "word":
            kind = self.token.text
            if kind in ("list", "range"):
                self.at += 2
                element = self.type()
                self.expect(">")
                return ast.ListType(element=element) if kind == "list" else ast.RangeType(element=element)
            if kind == "context":
                self.at += 2
                return ast.ContextType(entries=self._context_type())
            if kind == "function":
                self.at += 2
                return self._function_type()
        return ast.NamedType(name=self._type_name())

    def _context_type(self) -> tuple[tuple[str, ast.Type], ...]:
        entries = []
        while True:
            name = self.key()
            if name is None:
                raise self.error("Expected an entry such as `name: type`")
            entries.append((name, self.type()))
            if not self.accept(","):
                self.expect(">")
                return tuple(entries)

    def _function_type(self) -> ast.FunctionType:
        parameters: list[ast.Type] = []
        if not self.is_op(">"):
            parameters.append(self.type())
            while self.accept(","):
                parameters.append(self.type())
        self.expect(">")
        self.expect("->")
        return ast.FunctionType(parameters=tuple(parameters), result=self.type())

    def _type_name(self) -> str:
        for words in _LONG_NAMES:
            if tuple(token.text for token in self.tokens[self.at : self.at + len(words)]) == words:
                self.at += len(words)
                return " ".join(words)
        length, known = self.known_types.longest(self.tokens, self.at)
        if length:
            self.at += length
            return known
        name = self.name("a type")
        while self.accept("."):
            name += "." + self.name("a type")
        return name

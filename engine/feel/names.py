"""Which words belong to one name (DMN 1.5, 10.3.1.3 and 10.3.1.5).

A FEEL name is a sequence of tokens and may hold spaces, operators and keywords, so its end is
found with the names in scope: the longest known name that fits wins, white space not counting.
Where no known name fits, words (and whole numbers after the first word) that follow each other
are read as one name, up to a keyword that can end an operand: `申请 金额 > 1000` reads one
variable, known or not. A name that holds an operator or such a keyword (`a-b`, `profit and loss`)
must be known, or be written in backticks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from engine.feel.errors import FeelError
from engine.feel.lexer import NAME_SYMBOLS, Token, tokenize

__all__ = ["NameIndex", "TokenStream"]

STOP_WORDS = frozenset(["and", "or", "between", "in", "then", "else", "return", "satisfies"])
"""Keywords that end an operand, and so a name that is not known."""


_Entry = tuple[tuple[str, ...], str, bool]


def _shorter(entry: _Entry) -> int:
    return -len(entry[0])


class NameIndex:
    """Names of more than one token, found by their first token.

    Args:
        names: names in scope; those of one token need no entry and are skipped, as are texts
            that could not stand in an expression without backticks.
        before_bracket: names that count only where `(` follows: built-in functions, so that
            `date and time` with variables `date` and `time` in scope is a conjunction.
    """

    def __init__(self, names: Iterable[str] = (), *, before_bracket: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[_Entry]] = {}
        for name in names:
            self._enter(name, False)
        for name in before_bracket:
            self._enter(name, True)
        for entries in self._by_first.values():
            entries.sort(key=_shorter)

    def add(self, name: str) -> None:
        entries = self._enter(name, False)
        if entries is not None:
            entries.sort(key=_shorter)

    def _enter(self, name: str, before_bracket: bool) -> list[_Entry] | None:
        """Put a name behind those with its first token; the list still has to be sorted."""
        parts = _parts(name)
        if len(parts) < 2:
            return None
        entries = self._by_first.setdefault(parts[0], [])
        entries.append((parts, name, before_bracket))
        return entries

    def longest(self, tokens: Sequence[Token], at: int) -> tuple[int, str]:
        """Number of tokens and spelling of the longest name starting at `at`; (0, '') without one."""
        for parts, name, before_bracket in self._by_first.get(tokens[at].text, ()):
            end = at + len(parts)
            if all(token.text == part for token, part in zip(tokens[at:end], parts, strict=False)) and (
                end < len(tokens) and (not before_bracket or tokens[end].text == "(")
            ):
                return len(parts), name
        return 0, ""


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, ...]:
    """The tokens of a name; empty when it cannot be written without backticks."""
    try:
        tokens = tokenize(name)[:-1]
    except FeelError:
        return ()
    if not tokens or tokens[0].kind != "word":
        return ()
    if any(token.kind not in ("word", "number") and token.text not in NAME_SYMBOLS for token in tokens):
        return ()
    return tuple(token.text for token in tokens)


class TokenStream:
    """A cursor over the tokens of one expression, with the names in scope at the cursor."""

    def __init__(self, source: str, known: NameIndex) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.at = 0
        self._known = known
        self._scopes: list[NameIndex] = []
        self.keys = NameIndex()
        """Keys of context literals seen so far; they are known after a dot: `{a-b: 1}.a-b`."""

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, offset: int = 1) -> Token:
        return self.tokens[min(self.at + offset, len(self.tokens) - 1)]

    def next(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def is_op(self, text: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == "op" and token.text == text

    def is_keyword(self, text: str) -> bool:
        token = self.tokens[self.at]
        return token.kind == "word" and token.text == text

    def accept(self, text: str) -> bool:
        """Step over an operator if it is next."""
        if self.is_op(text):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        if not self.is_op(text):
            raise self.error(f"Expected {text!r}")
        return self.next()

    def expect_keyword(self, text: str) -> Token:
        if not self.is_keyword(text):
            raise self.error(f"Expected {text!r}")
        return self.next()

    def error(self, message: str, token: Token | None = None) -> FeelError:
        at = token or self.token
        found = {"end": "the expression ends", "string": "found a string"}.get(at.kind, f"found {at.text!r}")
        hint = "; for equality write a single =" if at.text == "=" else ""
        return FeelError(f"{message} but {found}{hint}", source=self.source, position=at.pos)

    @contextmanager
    def scope(self, names: Iterable[str] = ()) -> Iterator[NameIndex]:
        """Names bound inside a part of the expression; more may be added while it is read."""
        index = NameIndex(names)
        self._scopes.append(index)
        try:
            yield index
        finally:
            self._scopes.pop()

    def known_name(self, *, after_dot: bool = False) -> tuple[int, str]:
        """The longest name in scope at the cursor: number of tokens and spelling; (0, '') without one."""
        best = self._known.longest(self.tokens, self.at)
        for index in (*self._scopes, self.keys) if after_dot else self._scopes:
            found = index.longest(self.tokens, self.at)
            best = max(best, found, key=lambda candidate: candidate[0])
        return best

    def name(self, what: str, *, after_dot: bool = False) -> str:
        """Read a name at the cursor, as described in the module's docstring."""
        if self.token.kind == "quoted":
            return self.next().text
        length, name = self.known_name(after_dot=after_dot)
        if not length:
            if self.token.kind != "word":
                raise self.error(f"Expected {what}")
            length, name = 1, self.token.text
        self.at += length
        return " ".join([name, *self._words()])

    def _words(self) -> Iterator[str]:
        """Further words of a name that is not known."""
        while not self._ends_name():
            yield self.next().text

    def _ends_name(self) -> bool:
        token = self.token
        if token.kind == "number":
            return not token.text.isdigit()
        if token.kind != "word" or token.text in STOP_WORDS:
            return True
        return token.text == "instance" and self.ahead().text == "of"

    def key(self) -> str | None:
        """A context key or argument name and the colon after it; None, and nothing read, without one."""
        start = self.at
        if self.token.kind in ("string", "quoted"):
            key = self.next().text
        else:
            while self.token.kind == "word" or (
                self.at > start
                and (self.token.kind == "number" or (self.token.kind == "op" and self.token.text in NAME_SYMBOLS))
            ):
                self.at += 1
            key = _spelling(self.tokens[start : self.at])
        if self.at > start and self.accept(":") and (key or self.tokens[start].kind == "string"):
            return key
        self.at = start
        return None


def _spelling(tokens: Sequence[Token]) -> str:
    """The name made of tokens: words parted by one space, symbols as close as they were written."""
    text = ""
    end = None
    for token in tokens:
        if end is not None and token.pos > end:
            text += " "
        text += token.text
        end = token.pos + len(token.text)
    return text

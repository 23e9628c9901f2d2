"""Camunda's `${…}` and `#{…}` (JUEL, the Unified Expression Language of JSR 245) → FEEL.

Translated: names and property paths, literals, comparison (`== != < > <= >= eq ne lt gt le ge`),
`&& || ! and or not`, `empty`, arithmetic (`+ - * / % div mod`), the ternary `a ? b : c`, indexes,
the methods of `juel_calls`, `execution.getVariable('x')`, and text around expressions. Everything
else, method calls on beans above all, is refused with a message that names what stands in the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from engine.models.juel_calls import HINTS, call_function, call_method, item, variable_name
from engine.models.labels import Words

_MAX_LENGTH: Final = 4_000
_MAX_DEPTH: Final = 50

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[fFdDlL]?)
      | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<name>[^\W\d][\w$]*|\$[\w$]*)
      | (?P<op>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:().\[\],])
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORD_OPERATORS: Final = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "div": "/",
    "mod": "%",
    "empty": "empty",
}
_BINARY: Final[tuple[dict[str, str], ...]] = (
    {"||": "or"},
    {"&&": "and"},
    {"==": "=", "!=": "!="},
    {"<": "<", ">": ">", "<=": "<=", ">=": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)


class NotTranslatable(ValueError):
    """The expression has no FEEL counterpart; `why` says what stands in the way, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.why = Words(en, zh)


@dataclass(frozen=True, kw_only=True)
class _Token:
    kind: str
    text: str


def is_juel(text: str) -> bool:
    """Whether the text holds a `${…}` or `#{…}` expression."""
    return "${" in text or "#{" in text


def translate(text: str) -> str:
    """Translate an attribute or element text that holds `${…}` or `#{…}`.

    Args:
        text: one expression, or text with expressions in it ('Case ${number}').

    Returns:
        FEEL source. Text around expressions becomes `string join([…])`.

    Raises:
        NotTranslatable: a method call, a bean, or something that is not JUEL at all.
    """
    if len(text) > 2 * _MAX_LENGTH:
        raise _too_long()
    pieces = _pieces(text.strip())
    if len(pieces) == 1 and pieces[0][0]:
        return translate_expression(pieces[0][1])
    parts = [f"string({translate_expression(t)})" if is_expression else quote(t) for is_expression, t in pieces]
    return f"string join([{', '.join(parts)}])"


def translate_expression(source: str) -> str:
    """Translate what stands between the braces.

    Raises:
        NotTranslatable: see `translate`.
    """
    if len(source) > _MAX_LENGTH:
        raise _too_long()
    return _Translator(_tokens(source)).whole()


def _too_long() -> NotTranslatable:
    return NotTranslatable(f"it is longer than {_MAX_LENGTH} characters", f"超过 {_MAX_LENGTH} 个字符")


def quote(text: str) -> str:
    """A FEEL string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def _pieces(text: str) -> list[tuple[bool, str]]:
    """Split 'a ${b} c' into (False, 'a '), (True, 'b'), (False, ' c'); braces in strings are text."""
    pieces: list[tuple[bool, str]] = []
    position = 0
    for opening in re.finditer(r"[$#]\{", text):
        if opening.start() < position:
            continue
        if opening.start() > position:
            pieces.append((False, text[position : opening.start()]))
        end = _closing_brace(text, opening.end())
        pieces.append((True, text[opening.end() : end]))
        position = end + 1
    if position < len(text):
        pieces.append((False, text[position:]))
    return pieces


def _closing_brace(text: str, start: int) -> int:
    in_string = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\}", re.DOTALL)
    for found in in_string.finditer(text, start):
        if found[0] == "}":
            return found.start()
    raise NotTranslatable("its closing brace '}' is missing", "缺少右花括号“}”")


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, end = 0, len(source.rstrip())
    while position < end:
        found = _TOKEN.match(source, position)
        if found is None:
            rest = source[position:].strip()[:12]
            raise NotTranslatable(f"'{rest}' is not understood", f"无法理解“{rest}”")
        kind = found.lastgroup or ""
        text = found[kind]
        if kind == "name" and text in _WORD_OPERATORS and not (tokens and tokens[-1].text == "."):
            kind, text = "op", _WORD_OPERATORS[text]
        tokens.append(_Token(kind=kind, text=text))
        position = found.end()
    tokens.append(_Token(kind="end", text=""))
    return tokens


class _Translator:
    """Recursive descent over JUEL's grammar, writing FEEL as it goes."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> str:
        feel = self._ternary()
        if self._peek.kind != "end":
            self._unexpected(self._peek)
        return feel

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _takes(self, text: str) -> bool:
        if self._peek.kind == "op" and self._peek.text == text:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            found = self._peek.text
            self._refuse(
                f"expected '{text}' but found '{found or 'its end'}'", f"应为“{text}”，却是“{found or '结尾'}”"
            )

    def _refuse(self, en: str, zh: str) -> NoReturn:
        raise NotTranslatable(en, zh)

    def _unexpected(self, token: _Token) -> NoReturn:
        if token.kind == "end":
            self._refuse("it is not complete", "表达式不完整")
        self._refuse(f"'{token.text}' is not expected there", f"此处不应出现“{token.text}”")

    def _ternary(self) -> str:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._refuse(f"it nests more than {_MAX_DEPTH} levels deep", f"嵌套超过 {_MAX_DEPTH} 层")
        condition = self._binary(0)
        if self._takes("?"):
            then = self._ternary()
            self._expect(":")
            condition = f"(if {condition} then {then} else {self._ternary()})"
        self._depth -= 1
        return condition

    def _binary(self, level: int) -> str:
        if level == len(_BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek.kind == "op" and self._peek.text in _BINARY[level]:
            operator = self._next().text
            right = self._binary(level + 1)
            # FEEL has a function where JUEL has an operator, and does not chain comparisons.
            left = f"modulo({left}, {right})" if operator == "%" else f"{left} {_BINARY[level][operator]} {right}"
            if level in (2, 3) and self._peek.text in _BINARY[level]:
                left = f"({left})"
        return left

    def _unary(self) -> str:
        signs = []
        while self._peek.kind == "op" and self._peek.text in ("!", "-", "empty"):
            signs.append(self._next().text)
            if len(signs) > _MAX_DEPTH:
                self._refuse("it has too many signs in a row", "连续的符号过多")
        feel = self._path()
        for sign in reversed(signs):
            if sign == "!":
                feel = f"not({feel})"
            elif sign == "-":
                feel = f"-({feel})" if feel.startswith("-") else f"-{feel}"
            else:
                feel = f'list contains([null, "", [], {{}}], {feel})'
        return feel

    def _path(self) -> str:
        feel, plain = self._primary()
        while True:
            if self._takes("."):
                name = self._next()
                if name.kind != "name":
                    self._unexpected(name)
                if self._peek.text == "(" and self._peek.kind == "op":
                    feel, plain = self._method(feel, name.text), False
                else:
                    self._refuse_execution(feel, name.text)
                    feel = f"{feel}.{variable_name(name.text)}"
            elif self._takes("["):
                self._refuse_execution(feel, "[…]")
                feel = item(feel, self._ternary())
                self._expect("]")
            elif self._peek.kind == "op" and self._peek.text == "(":
                feel, plain = self._function(feel if plain else "…"), False
            else:
                self._refuse_execution(feel, "")
                return feel

    def _arguments(self) -> list[str]:
        self._expect("(")
        arguments: list[str] = []
        while not self._takes(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._ternary())
        return arguments

    def _function(self, name: str) -> str:
        feel = call_function(name, self._arguments())
        return feel or self._refuse(f"it calls the function '{name}(…)'", f"它调用了函数“{name}(…)”")

    def _method(self, target: str, method: str) -> str:
        feel = call_method(target, method, self._arguments())
        if feel is not None:
            return feel
        en, zh = HINTS.get(method, ("", ""))
        return self._refuse(
            f"it calls the method '{target}.{method}(…)'" + (f"; {en}" if en else ""),
            f"它调用了方法“{target}.{method}(…)”" + (f"；{zh}" if zh else ""),
        )

    def _refuse_execution(self, target: str, part: str) -> None:
        """What is known of a running instance elsewhere than in its variables has no name in FEEL."""
        if target == "execution":
            whole = f"execution.{part}" if part else "execution"
            self._refuse(
                f"it reads '{whole}', which only the engine it was written for knows",
                f"它读取“{whole}”，只有原引擎才有",
            )

    def _primary(self) -> tuple[str, bool]:
        token = self._next()
        if token.kind == "number":
            return token.text.rstrip("fFdDlL"), False
        if token.kind == "string":
            return quote(_unquote(token.text)), False
        if token.kind == "name":
            return (token.text if token.text in ("true", "false", "null") else variable_name(token.text)), True
        if token.kind == "op" and token.text == "(":
            inner = self._ternary()
            self._expect(")")
            return f"({inner})", False
        return self._unexpected(token)


def _unquote(literal: str) -> str:
    return re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL)

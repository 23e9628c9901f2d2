"""Why a value is null, in the reader's language: the engine says it in English, by these sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from api.i18n import Texts, mark

# A sentence of the engine with its parts in brackets; they stand in both languages. Parts named `kind…` are types.
_SENTENCES: Final = (
    mark("No value was given for input '%(name)s'"),
    mark("No value was given for '%(name)s' of decision service '%(other)s'"),
    mark("No rule of the table matches"),
    mark("Decision '%(name)s' has no logic, and no value was given for it"),
    mark("Decision '%(name)s' requires itself"),
    mark("Expected at most one rule to match (hit policy Unique), but %(numbers)s do"),
    mark("Expected all matching rules to agree (hit policy Any), but rules %(numbers)s differ"),
    mark("Expected input '%(name)s' to be one of its input values, but it is not; it counts as null"),
    mark("Expected output '%(name)s' of rule %(number)s to be one of its output values; it counts as null"),
    mark("Expected output '%(name)s' of the default to be one of its output values; it counts as null"),
    mark("Expected input '%(name)s' to be of type %(kind)s, but found %(value)s; it counts as null"),
    mark("Expected decision '%(name)s' to be of type %(kind)s, but found %(value)s; it counts as null"),
    mark("Expected decision service '%(name)s' to be of type %(kind)s, but found %(value)s; it counts as null"),
    mark(
        "Expected output '%(name)s' of rule %(number)s to be of type %(kind)s, but found %(value)s; it counts as null"
    ),
    mark("Expected %(name)s to be of type %(kind)s, but found %(value)s; it counts as null"),
    mark("Expected %(count)s arguments for %(name)s, but found %(number)s"),
    mark("Expected %(count)s arguments (%(names)s), but found %(number)s"),
    mark("Expected arguments named as in %(name)s, but found %(names)s"),
    mark("Expected arguments named %(names)s, but found %(others)s"),
    mark("Expected %(name)s, but %(text)s was called with (%(others)s)"),
    mark("%(name)s(…) gave null: an argument is null or outside what the function takes"),
    mark("There is no variable '%(name)s' in scope; it holds the full-width '%(text)s', did you mean '%(other)s'?"),
    mark("Expected the function %(name)s in FEEL, but it is written in %(text)s, which is not run"),
    mark("The cell `%(text)s` cannot be read: %(other)s"),
    mark("`%(text)s` cannot be read: %(other)s"),
    mark("Expected a list to filter, but it is null"),
    mark("Expected a list before the filter, but it is null"),
    mark("Expected a match that is true or false, but found %(kind)s"),
    mark("Expected true or false after satisfies, but found %(kind)s"),
    mark("Expected true or false after if, but found %(kind)s"),
    mark("Expected a function to invoke, but found %(kind)s"),
    mark("Expected FEEL, but the cell `%(text)s` is written in %(name)s, which is not run"),
    mark("Expected FEEL, but `%(text)s` is written in %(name)s, which is not run"),
    mark("There is no entry '%(name)s' in the context"),
    mark("Expected a context before .%(name)s, but found %(kind)s"),
    mark("Expected a position within the %(count)s items, but found %(number)s"),
    mark("There is no function '%(name)s'"),
    mark("There is no variable '%(name)s' in scope"),
    mark("Expected a number or duration after -, but found %(kind)s"),
    mark("Expected a divisor that is not 0 for /"),
    mark("Expected numbers whose result is a number in range for %(sign)s"),
    mark("Expected operands that go with %(sign)s, but found %(kind)s %(other)s %(kind_2)s"),
    mark("Expected two values of one ordered kind, but found %(text)s"),
    mark("Expected two values of one kind, but found %(text)s"),
    mark("Expected three values of one ordered kind, but found %(text)s"),
    mark("Expected values of the kind of the tests, but found %(kind)s in …"),
    mark("Expected a value after %(sign)s, but it is null"),
    mark("Expected another type for '%(name)s', but found %(kind)s"),
    mark("Expected a list, or a range of whole numbers or dates, to iterate over, but found %(text)s"),
)


_LONGEST: Final = 1_000


def not_given(warning: str) -> str:
    """The input that a warning says was not given; '' if it says something else."""
    found = _NOT_GIVEN.fullmatch(warning)
    return found["name"] if found else ""


def reason_in(warning: str, texts: Texts, type_: Callable[[str], str], said: Callable[[str], str]) -> str:
    """A warning of an evaluation in the reader's language; as it is where it is none of those above.

    Args:
        type_: a type in words.
        said: a name of the model in the reader's language.
    """
    if texts.language == "en" or len(warning) > _LONGEST:
        return warning
    for pattern, sentence in _PATTERNS:
        found = pattern.fullmatch(warning)
        if found:
            parts = {
                name: type_(part)
                if name.startswith("kind")
                else _typed(part, type_)
                if name == "value"
                else said(part)
                if name == "name"
                else part.replace(" and ", "、").replace(", ", "、")
                if name == "numbers"
                else part
                for name, part in found.groupdict().items()
            }
            return texts.gettext(sentence) % parts
    return warning


def _typed(shown: str, type_: Callable[[str], str]) -> str:
    """'number 5' with its type in words."""
    for length in (4, 3, 2, 1):
        words = shown.split(" ")
        name = " ".join(words[:length])
        if len(words) > length and type_(name) != name:
            return f"{type_(name)} {' '.join(words[length:])}"
    return shown


def _pattern(sentence: str) -> re.Pattern[str]:
    """The sentence as a pattern; what stands in quotes may be written with either kind of them."""
    parts = re.split(r"%\((\w+)\)s", sentence)
    made = [f"(?P<{part}>.*?)" if at % 2 else re.escape(part).replace("'", "['\"]") for at, part in enumerate(parts)]
    return re.compile("".join(made), re.DOTALL)


_NOT_GIVEN: Final = _pattern(_SENTENCES[0])
_PATTERNS: Final = tuple((_pattern(sentence), sentence) for sentence in _SENTENCES)

"""The one error FEEL raises on purpose; budgets raise `engine.errors.BudgetExceeded`."""

from __future__ import annotations

from engine.errors import ExpressionError

__all__ = ["FeelError"]

_SNIPPET = 24


class FeelError(ExpressionError):
    """The FEEL expression cannot be parsed or evaluated.

    Args:
        message: what was expected and what was found.
        source: the expression's text.
        position: 0-based index into `source` of the first character that does not fit.
    """

    def __init__(self, message: str | None = None, *, source: str = "", position: int | None = None) -> None:
        if position is not None:
            message = f"{message} (character {position + 1}: {_near(source, position)})"
        super().__init__(message, source=source, position=position)


def _near(source: str, position: int) -> str:
    """The text around a position, short enough for one line."""
    if position >= len(source):
        return "the end"
    snippet = " ".join(source[position : position + _SNIPPET].split())
    return f"`{snippet}{'…' if len(source) > position + _SNIPPET else ''}`"

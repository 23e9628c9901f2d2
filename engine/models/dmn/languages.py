"""Which language a text is written in. FEEL runs; Camunda's JUEL is translated; the rest is refused by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeVar

from engine.models.dmn.model import Text
from engine.models.dmn.vocabulary import is_feel
from engine.models.expressions import compiles, foreign_language
from engine.models.findings import Report, Subject, shorten
from engine.models.juel import NotTranslatable, is_juel, translate, translate_expression
from engine.models.labels import Words

_USE_FEEL: Final = Words(
    "Write it in FEEL, for example `amount > 100`, and set the expression language to FEEL.",
    "请改用 FEEL 书写，例如 `金额 > 100`，并把表达式语言设为 FEEL。",
)

_TextT = TypeVar("_TextT", bound=Text)


class Languages:
    """Decides for every text of one file.

    Args:
        default: the file's `expressionLanguage`, or ''.
        is_camunda: whether texts without a language may be JUEL.
    """

    def __init__(self, report: Report, *, default: str, is_camunda: bool) -> None:
        self._report = report
        self._default = default
        self._is_camunda = is_camunda

    def read(self, text: _TextT, language: str, subject: Subject, *, is_test: bool = False) -> _TextT:
        """The text as FEEL, or marked as foreign, with a finding where that keeps it from running.

        Args:
            is_test: whether it is an input entry, which is FEEL in Camunda 7 where nothing is said.
        """
        if text.text in ("", "-"):
            return text
        language = language or self._default
        if is_juel(text.text) or language.lower() == "juel":
            return self._from_juel(text, subject)
        foreign = "" if is_feel(language) else foreign_language(language)
        if foreign or (language and not is_feel(language) and "://" not in language):
            return self._refused(text, foreign or language, subject)
        if self._is_camunda and not is_test and not compiles(text.text):
            return self._guessed(text)
        return text

    def _from_juel(self, text: _TextT, subject: Subject) -> _TextT:
        try:
            feel = translate(text.text) if is_juel(text.text) else translate_expression(text.text)
        except NotTranslatable as problem:
            self._report.error(
                "expression-not-translatable",
                subject,
                Words(
                    f"has an expression that cannot be translated to FEEL, because {problem.why.en}:"
                    f" `{shorten(text.text)}`",
                    f"的表达式无法翻译为 FEEL({problem.why.zh}):`{shorten(text.text)}`",
                ),
                _USE_FEEL,
            )
            return replace(text, foreign="JUEL")
        return replace(text, text=feel, source=text.text, is_condition=True)

    def _guessed(self, text: _TextT) -> _TextT:
        """Camunda 7 takes output entries and input expressions without a language for JUEL."""
        try:
            feel = translate_expression(text.text)
        except NotTranslatable:
            return text
        return replace(text, text=feel, source=text.text) if compiles(feel) else text

    def _refused(self, text: _TextT, language: str, subject: Subject) -> _TextT:
        self._report.error(
            "expression-language-not-supported",
            subject,
            Words(
                f"has an expression in {shorten(language)}: `{shorten(text.text)}`",
                f"的表达式使用了 {shorten(language)}:`{shorten(text.text)}`",
            ),
            _USE_FEEL,
        )
        return replace(text, foreign=language)

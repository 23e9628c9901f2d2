"""What an author wrote, as literal or FEEL: one place decides for every attribute of every dialect.

* text starting with '=' is FEEL (Zeebe's convention, open to all);
* `${…}` and `#{…}` are translated from JUEL;
* a condition without any mark is tried as FEEL, with a note;
* everything else is a literal.
"""

from __future__ import annotations

import re
from typing import Final

from engine.errors import ExpressionError
from engine.models.findings import Report, Subject, shorten
from engine.models.juel import NotTranslatable, is_juel, translate, translate_expression
from engine.models.labels import Words, a
from engine.models.model import Value

_FOREIGN_LANGUAGES: Final = {
    "java": "Java",
    "mvel": "MVEL",
    "drools": "Drools",
    "javascript": "JavaScript",
    "ecmascript": "JavaScript",
    "js": "JavaScript",
    "groovy": "Groovy",
    "python": "Python",
    "jython": "Python",
    "ruby": "Ruby",
    "c#": "C#",
    "xquery": "XQuery",
}
_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_USE_FEEL: Final = Words(
    "Write it in FEEL, starting with '=', with the variables that the process has.",
    "请改用以“=”开头的 FEEL 表达式，使用流程中已有的变量。",
)
_USE_FEEL_CONDITION: Final = Words(
    "Write it in FEEL, starting with '=': for example `= amount > 100`.",
    "请改用以“=”开头的 FEEL 表达式，例如 `= 金额 > 100`。",
)


class Expressions:
    """Turns attribute texts into `Value`s and reports what cannot be turned."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def value(self, text: str, subject: Subject, where: Words) -> Value | None:
        """A literal or an expression; None for an empty text.

        Args:
            text: as written in the attribute or element.
            subject: whom a finding would be about.
            where: what the text is for, such as ('assignee', '办理人').
        """
        text = text.strip()
        if not text:
            return None
        if text.startswith("="):
            return Value(text=text[1:].strip(), is_feel=True, source=text)
        if is_juel(text):
            return self._from_juel(text, subject, where)
        return Value(text=text, source=text)

    def expression(self, text: str, subject: Subject, where: Words) -> Value | None:
        """Like `value`, where only an expression makes sense: a bare text is FEEL, a variable's name."""
        value = self.value(text, subject, where)
        if value is None or value.is_feel or value.text != text.strip() or is_juel(text):
            return value
        return Value(text=value.text, is_feel=True, source=text.strip())

    def condition(self, text: str, subject: Subject, *, language: str = "") -> Value | None:
        """A condition. Bare texts are FEEL where the language says so, else FEEL by assumption (a note).

        Args:
            language: the element's `language` attribute, or ''.
        """
        where = Words("condition", "条件")
        foreign = foreign_language(language)
        if foreign:
            self._refuse_language(foreign, text, subject)
            return Value(text=text, source=text)
        value = self.value(text, subject, where)
        if value is None or value.is_feel or is_juel(text):
            return value
        if "feel" in language.lower():
            return Value(text=value.text, is_feel=True, source=value.source)
        return self._assumed(value, subject)

    def _assumed(self, value: Value, subject: Subject) -> Value:
        feel = value.text if compiles(value.text) else self._as_juel(value.text)
        self._report.note(
            "condition-read-as-feel",
            subject,
            Words(
                f"has a condition without a mark of its language, read as FEEL: `{shorten(feel)}`",
                f"的条件没有标明语言，按 FEEL 读取：`{shorten(feel)}`",
            ),
            Words("Write '=' in front of it to say so.", "请在前面加上“=”以明确语言。"),
        )
        return Value(text=feel, is_feel=True, source=value.source)

    def _as_juel(self, text: str) -> str:
        """Python and JUEL write `==` and `&&`; the original stands where that does not help either."""
        try:
            feel = translate_expression(text)
        except NotTranslatable:
            return text
        return feel if compiles(feel) else text

    def _from_juel(self, text: str, subject: Subject, where: Words) -> Value:
        try:
            return Value(text=translate(text), is_feel=True, source=text)
        except NotTranslatable as problem:
            self._report.error(
                "expression-not-translatable",
                subject,
                Words(
                    f"has {a(where.en)} that cannot be translated to FEEL, because {problem.why.en}: `{shorten(text)}`",
                    f"的{where.zh}无法翻译为 FEEL({problem.why.zh}):`{shorten(text)}`",
                ),
                _USE_FEEL_CONDITION if where.en == "condition" else _USE_FEEL,
            )
            return Value(text=text, source=text)

    def _refuse_language(self, language: str, text: str, subject: Subject) -> None:
        self._report.error(
            "expression-language-not-supported",
            subject,
            Words(
                f"has a condition in {language}: `{shorten(text)}`",
                f"的条件使用了 {language}:`{shorten(text)}`",
            ),
            _USE_FEEL_CONDITION,
        )


def foreign_language(language: str) -> str:
    """The name of an expression language we do not run; '' for FEEL, JUEL, none, and XPath.

    XPath is BPMN's formal default, which tools write without meaning it (BPMN 2.0, 8.1.1).
    """
    tail = language.strip().lower().rstrip("/")
    if tail in _FOREIGN_LANGUAGES:
        return _FOREIGN_LANGUAGES[tail]
    if "://" not in tail:
        return ""
    return next((name for key, name in _FOREIGN_LANGUAGES.items() if len(key) > 2 and key in tail), "")


def compiles(feel: str) -> bool:
    """Whether FEEL can parse this."""
    from engine.feel import compile_expression

    try:
        compile_expression(feel)
    except ExpressionError:
        return False
    return True

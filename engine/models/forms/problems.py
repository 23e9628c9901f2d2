"""What can be wrong with a field, in words a person at the counter understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.errors import CiviflowError, FieldProblem
from engine.models.labels import Words

_MESSAGES: Final[dict[str, Words]] = {
    "required": Words("This field is needed.", "请填写此项。"),
    "unchecked": Words("Please tick this box.", "请勾选此项。"),
    "unknown_field": Words("The form has no such field.", "表单中没有此字段。"),
    "not_text": Words("Expected text.", "请填写文字。"),
    "control_character": Words(
        "Contains characters that cannot be stored; please type it again.", "含有无法保存的字符，请重新输入。"
    ),
    "too_large": Words("Longer than {limit} KB of text.", "文字超过 {limit} KB。"),
    "too_short": Words("At least {limit} characters, but it has {actual}.", "至少 {limit} 个字，现有 {actual} 个字。"),
    "too_long": Words("At most {limit} characters, but it has {actual}.", "最多 {limit} 个字，现有 {actual} 个字。"),
    "pattern": Words("Does not have the expected form.", "格式不符合要求。"),
    "pattern_timeout": Words(
        "Could not be checked in time; please shorten it.", "无法在限定时间内完成校验，请缩短内容。"
    ),
    "not_an_email": Words(
        "Expected an e-mail address, such as name@example.org.", "请填写电子邮箱，例如 name@example.org。"
    ),
    "not_a_phone": Words("Expected a telephone number.", "请填写电话号码。"),
    "not_a_number": Words("Expected a number but got “{actual}”.", "请填写数字，而不是“{actual}”。"),
    "number_too_large": Words("This number is too large to be stored.", "数字过大，无法保存。"),
    "below_minimum": Words("At least {limit}.", "不能小于 {limit}。"),
    "above_maximum": Words("At most {limit}.", "不能大于 {limit}。"),
    "too_many_decimals": Words("At most {limit} digits after the point.", "小数位最多 {limit} 位。"),
    "not_a_whole_number": Words("Expected a whole number.", "请填写整数。"),
    "not_a_step": Words("Expected a multiple of {limit}.", "应为 {limit} 的倍数。"),
    "not_a_date": Words("Expected a date, such as 2026-01-31.", "请填写日期，例如 2026-01-31。"),
    "not_a_time": Words("Expected a time, such as 13:30.", "请填写时间，例如 13:30。"),
    "not_a_datetime": Words(
        "Expected a date and time, such as 2026-01-31T13:30.", "请填写日期和时间，例如 2026-01-31T13:30。"
    ),
    "in_the_past": Words("Expected today or later.", "不能早于今天。"),
    "not_a_boolean": Words("Expected yes or no.", "请选择是或否。"),
    "not_an_option": Words("“{actual}” is not among the choices.", "“{actual}”不在可选范围内。"),
    "not_a_list": Words("Expected a list.", "应为列表。"),
    "not_an_object": Words("Expected an object with fields.", "应为含有字段的对象。"),
    "too_many_items": Words("At most {limit} entries.", "最多 {limit} 条。"),
    "fixed_length": Words("Expected exactly {limit} entries.", "应为 {limit} 条，不能增减。"),
    "too_few_items": Words("Please add at least one entry.", "请至少添加一条。"),
    "not_a_file": Words("Expected an uploaded file.", "请上传文件。"),
    "single_file": Words("Only one file, please.", "只能上传一个文件。"),
    "file_type": Words("“{actual}” is not of an accepted type ({limit}).", "“{actual}”不是允许的类型({limit})。"),
    "rule": Words("This value does not fit the others.", "此项与其他内容不符，请核对。"),
    "rule_undecided": Words(
        "Cannot be checked with what is entered so far; please fill in the fields that it depends on.",
        "按现有内容无法校验此项，请先填写与其相关的内容。",
    ),
    "file_too_large": Words("“{actual}” is larger than {limit}.", "“{actual}”超过 {limit}。"),
}


class Refused(Exception):
    """A value breaks a rule; caught where the field is known.

    Args:
        code: key of the message.
        limit, actual: fill the message's gaps.
        at: what follows the field in the problem's path, such as '[2]'.
    """

    def __init__(self, code: str, *, limit: object = "", actual: object = "", at: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.limit = limit
        self.actual = actual
        self.at = at


def problem(field: str, code: str, *, limit: object = "", actual: object = "") -> FieldProblem:
    """The problem of one field, in both languages."""
    words = _MESSAGES[code]
    shown = str(actual)
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    return FieldProblem(
        field=field,
        code=code,
        message=words.en.format(limit=limit, actual=shown),
        message_zh=words.zh.format(limit=limit, actual=shown),
    )


def rule_problem(field: str, properties: Mapping[str, str], *, undecided: bool) -> FieldProblem:
    """The problem of a field whose own rule does not hold.

    Args:
        field: its path.
        properties: of the component: `check_message`, `check_message_en` and `check_message_zh` say what is wrong.
        undecided: the rule gave neither true nor false.
    """
    words = _MESSAGES["rule_undecided" if undecided else "rule"]
    plain = properties.get("check_message", "")
    return FieldProblem(
        field=field,
        code="rule_undecided" if undecided else "rule",
        message=properties.get("check_message_en") or plain or words.en,
        message_zh=properties.get("check_message_zh") or plain or words.zh,
    )


def in_chinese(error: CiviflowError) -> str:
    """What is wrong with a form in Chinese; an error that says it in English alone, as it is."""
    said = [f"{found.field}{found.message_zh}" for found in getattr(error, "problems", ()) if found.message_zh]
    return "；".join(said[:5]) or error.message

"""What accounts, groups and tokens may look like. Each rule gives the problems it finds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import get_args

from engine.contracts.principal import Role
from engine.errors import FieldProblem, InvalidInput

SCOPES = frozenset({"read", "write", "metrics"})
_USERNAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_KEY = re.compile(r"[^\W_][\w.-]{0,63}")
_LONGEST_NAME = 120


def refuse(problems: Collection[FieldProblem]) -> None:
    """Raise what was found, if anything was.

    Raises:
        InvalidInput: with all problems.
    """
    if problems:
        raise InvalidInput(" ".join(problem.message for problem in problems), problems=list(problems))


def username(name: str) -> list[FieldProblem]:
    """Letters of any script; nothing that could be mistaken for a path, a header or white space."""
    if _USERNAME.fullmatch(name):
        return []
    return _one(
        "username",
        "pattern",
        "Expected a user name of 1 to 64 letters, digits and . _ - @, beginning with a letter or digit.",
        "用户名应为 1 至 64 个字母、数字或 . _ - @，且以字母或数字开头。",
    )


def new_key(key: str) -> list[FieldProblem]:
    """The key of a group or department."""
    if _KEY.fullmatch(key):
        return []
    return _one(
        "key",
        "pattern",
        "Expected a key of 1 to 64 letters, digits and . _ -, beginning with a letter or digit.",
        "标识应为 1 至 64 个字母、数字或 . _ -，且以字母或数字开头。",
    )


def names(name: str, name_en: str) -> list[FieldProblem]:
    """What people are shown."""
    problems = []
    for field, text in {"display_name": name, "display_name_en": name_en}.items():
        if len(text) > _LONGEST_NAME or not text.isprintable():
            problems += _one(
                field,
                "too_long",
                f"Expected a name of at most {_LONGEST_NAME} printable characters.",
                f"名称应不超过 {_LONGEST_NAME} 个可显示的字符。",
            )
    return problems


def role(kind: str, roles: Iterable[str], topics: Iterable[str]) -> list[FieldProblem]:
    """Roles that exist; bots are bots and nothing else, and name their topics."""
    problems = []
    given, exist = set(roles), set(get_args(Role))
    if unknown := sorted(given - exist):
        problems += _one(
            "roles",
            "unknown",
            f"Expected roles of {', '.join(sorted(exist))} but got {', '.join(unknown)}.",
            f"没有这些角色：{'、'.join(unknown)}。",
        )
    if (given != {"bot"}) if kind == "bot" else ("bot" in given):
        problems += _one(
            "roles",
            "bot",
            "Expected the role bot, and no other, for bots only.",
            "角色 bot 只能且必须用于机器人账号。",
        )
    if (kind == "bot") != bool(set(topics)):
        problems += _one(
            "topics",
            "required",
            "Expected topics for a bot, and none for a person.",
            "机器人账号必须指定任务主题，人员账号不能指定。",
        )
    return problems


def locale(language: str) -> list[FieldProblem]:
    """A language the pages speak, or none for the site's own."""
    if language in {"", "zh", "en"}:
        return []
    return _one("locale", "unknown", "Expected the language zh or en.", "语言应为 zh 或 en。")


def known(missing: Collection[str], field: str) -> list[FieldProblem]:
    """Keys that were looked for and not found."""
    if not missing:
        return []
    keys = ", ".join(missing)
    return _one(field, "unknown", f"Expected keys that exist but found none named {keys}.", f"不存在：{keys}。")


def cycle() -> list[FieldProblem]:
    """A department that would stand above itself."""
    return _one("parent", "cycle", "Expected a unit above this one.", "上级部门不能是本部门的下级。")


def token(
    *, name: str, scopes: Collection[str], topics: Collection[str], may: Collection[str], is_bot: bool
) -> list[FieldProblem]:
    """A token says what it is for; a bot's is good for some of the bot's topics, a person's for none."""
    problems = []
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        problems += _one(
            "name",
            "required",
            f"Expected a name of 1 to {_LONGEST_NAME} characters that says what the token is for.",
            "请填写令牌用途。",
        )
    if not scopes or not SCOPES.issuperset(scopes):
        problems += _one(
            "scopes",
            "unknown",
            f"Expected scopes of {', '.join(sorted(SCOPES))}.",
            f"权限范围应为 {'、'.join(sorted(SCOPES))}。",
        )
    if is_bot and (not topics or not set(may).issuperset(topics)):
        problems += _one(
            "topics",
            "unknown",
            f"Expected topics of this bot ({', '.join(may)}).",
            f"任务主题应属于该机器人（{'、'.join(may)}）。",
        )
    if not is_bot and topics:
        problems += _one(
            "topics",
            "unknown",
            "Expected no topics: only a bot's token has them.",
            "只有机器人的令牌可以指定任务主题。",
        )
    return problems


def _one(field: str, code: str, message: str, message_zh: str) -> list[FieldProblem]:
    return [FieldProblem(field=field, code=code, message=message, message_zh=message_zh)]

"""Names that people will look for: a process nobody can find in a list is a nuisance."""

from __future__ import annotations

import re
from typing import Final

from engine.models.findings import Report, describe
from engine.models.labels import Words
from engine.models.model import Process

_NC_NAME: Final = re.compile(r"[^\W\d][\w.\-·]*")


def check(process: Process, report: Report) -> None:
    """Report a process without a name, and keys that could not be used in links and calls."""
    subject = describe("process", process.key, process.name, process=process.key)
    if not process.name:
        report.note(
            "process-without-name",
            subject,
            Words("has no name; lists will show its id", "没有名称，列表中将显示其编号"),
            Words("Name it in the properties of the process.", "请在流程属性中填写名称。"),
        )
    if not _NC_NAME.fullmatch(process.key) or len(process.key) > 200:
        report.error(
            "bad-process-id",
            subject,
            Words(
                f"has the id '{process.key[:60]}'; expected letters, digits, '_', '-' and '.', beginning with a letter",
                f"的编号“{process.key[:60]}”无效：应以字母开头，只含字母、数字、“_”“-”“.”",
            ),
            Words("Change the id of the process.", "请修改流程编号。"),
        )

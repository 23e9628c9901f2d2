"""Which column or key of a file means what: names in use, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from engine.contracts.errors import LogFormatError


@dataclass(frozen=True, kw_only=True)
class CsvColumns:
    """Column names given by the user; '' means: recognise it. For XES the same fields name keys.

    Args:
        case: the case's id.
        activity: the activity's name.
        timestamp: when it was completed, or when the event happened.
        start: when work on it started.
        enabled: when it became due to be done.
        lifecycle: the lifecycle transition (start, complete, …).
        resource: who did it.
        group: role or group.
        department: organisational unit.
        due: the deadline of the case (or of the activity, if it differs within cases).
        instance: what ties the start and the completion of one execution together.
    """

    case: str = ""
    activity: str = ""
    timestamp: str = ""
    start: str = ""
    enabled: str = ""
    lifecycle: str = ""
    resource: str = ""
    group: str = ""
    department: str = ""
    due: str = ""
    instance: str = ""


NAMES: dict[str, tuple[str, ...]] = {
    "case": (
        "caseconceptname", "caseid", "case", "traceid", "trace", "processinstanceid", "instanceid",
        "casekey", "ticketid", "ticket", "requestid", "applicationid",
        "案件号", "案件编号", "案件id", "案号", "案件", "工单号", "工单编号", "受理编号", "受理号",
        "办件编号", "办件号", "流程实例id", "流程实例", "实例编号", "实例id", "申请编号", "申请号",
        "事项编号", "业务编号", "业务号", "单号", "编号",
    ),
    "activity": (
        "conceptname", "activity", "activityname", "taskname", "task", "eventname", "event", "step",
        "stepname", "action", "status",
        "活动", "活动名称", "环节", "环节名称", "任务", "任务名称", "步骤", "步骤名称", "节点", "节点名称",
        "流程节点", "操作",
    ),
    "timestamp": (
        "timetimestamp", "completetimestamp", "completedat", "completiontime", "completetime", "completed",
        "endtimestamp", "endtime", "endedat", "enddate", "end", "finishedat", "finishtime", "timestamp",
        "eventtime", "datetime", "time", "date", "createdat",
        "完成时间", "结束时间", "办结时间", "处理时间", "办理时间", "操作时间", "发生时间", "时间戳", "时间",
        "完成日期", "日期",
    ),
    "start": (
        "starttimestamp", "starttime", "startedat", "startdate", "start", "begintime", "begin",
        "开始时间", "启动时间", "签收时间", "开始办理时间", "开始日期",
    ),
    "enabled": (
        "enabledat", "enabletime", "enabled", "assignedat", "scheduledat", "enabledtimestamp",
        "到达时间", "分派时间", "派单时间", "接收时间", "待办时间",
    ),
    "lifecycle": ("lifecycletransition", "lifecycle", "transition", "eventtype", "生命周期", "事件类型"),
    "resource": (
        "orgresource", "resource", "performer", "user", "username", "employee", "handler", "assignee",
        "agent",
        "处理人", "办理人", "经办人", "操作人", "执行人", "责任人", "处理人员", "人员",
    ),
    "group": ("orggroup", "orgrole", "group", "role", "team", "岗位", "角色", "小组", "班组"),
    "department": (
        "orgunit", "orgdepartment", "department", "dept", "unit",
        "部门", "处理部门", "办理部门", "承办部门", "承办单位", "处理单位", "单位", "科室",
    ),
    "due": (
        "deadline", "duedate", "dueat", "due", "sladeadline",
        "截止时间", "截止日期", "到期时间", "办理期限", "办结期限", "时限", "期限",
    ),
    "instance": (
        "conceptinstance", "activityinstanceid", "activityinstance", "taskid",
        "活动实例", "任务编号", "任务id",
    ),
}  # fmt: skip
"""Field -> names in the order in which they are tried, lower case, letters and digits only."""

_OPTIONS = {name: f"--{name}" for name in NAMES}
_MEANINGS = {"case": "the case id", "activity": "the activity", "timestamp": "the time of the event"}


def plain(name: str) -> str:
    """A column name without case, spaces and punctuation: 'case:concept:name' -> 'caseconceptname'."""
    return re.sub(r"[\W_]+", "", name).lower()


def recognise_columns(
    header: Sequence[str], asked: CsvColumns, *, source: str, required: Sequence[str]
) -> dict[str, int]:
    """Which column stands for which field.

    In: the header's names; what the user said; the file's name for messages; fields that must be found.
    Out: field -> index into the header. Each column stands for one field at most.

    Raises:
        LogFormatError: a named column does not exist, or a required one is not recognised; the message
            lists the columns there are and the option that names one.
    """
    chosen: dict[str, int] = {}
    for field in fields(asked):
        if name := getattr(asked, field.name):
            chosen[field.name] = _named(header, name, field.name, source)
    simple = [plain(name) for name in header]
    for field_name, candidates in NAMES.items():
        if field_name in chosen:
            continue
        for candidate in candidates:
            found = next((i for i, n in enumerate(simple) if n == candidate and i not in chosen.values()), None)
            if found is not None:
                chosen[field_name] = found
                break
    for field_name in required:
        if field_name not in chosen:
            raise LogFormatError(
                f"{source}: expected a column for {_MEANINGS[field_name]} (such as {_examples(field_name)}), "
                f"but found only: {_listed(header)}. Name it with {_OPTIONS[field_name]} COLUMN."
            )
    return chosen


def _named(header: Sequence[str], name: str, field: str, source: str) -> int:
    for wanted in (lambda n: n == name, lambda n: plain(n) == plain(name)):
        for index, column in enumerate(header):
            if wanted(column):
                return index
    raise LogFormatError(
        f"{source}: expected the column {name!r} ({_OPTIONS[field]}), but the columns are: {_listed(header)}."
    )


def _examples(field: str) -> str:
    western = {"case": "'case_id'", "activity": "'activity'", "timestamp": "'timestamp' or 'end_time'"}
    chinese = {"case": "'案件号'", "activity": "'活动'", "timestamp": "'时间'"}
    return f"{western[field]}, {chinese[field]}"


def _listed(header: Sequence[str]) -> str:
    names = ", ".join(repr(name) for name in header[:30])
    return names + (f" and {len(header) - 30} more" if len(header) > 30 else "")

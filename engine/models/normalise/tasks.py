"""Tasks and call activities: what each needs to run (BPMN 2.0, 10.3)."""

from __future__ import annotations

import ast
from typing import Any, Final, Literal

from engine.models.bpmn_xml import Element, all_text, attribute, first, reference
from engine.models.dialects import Extensions, Source
from engine.models.findings import shorten
from engine.models.labels import Words
from engine.models.model import Call, Decision, ScriptTask, ServiceTask, UserTask
from engine.models.normalise.events import event_definitions, read_message
from engine.models.normalise.people import read_user_task
from engine.models.normalise.reading import Reading

_JOBS: Final = frozenset({"serviceTask", "sendTask", "businessRuleTask", "endEvent", "intermediateThrowEvent"})
_MESSAGES: Final = frozenset({"sendTask", "receiveTask"})
_PYTHON: Final = frozenset({"python", "python3", "py"})
_MAX_SCRIPT: Final = 65_536
_FEEL: Final = frozenset({"feel", "juel"})


def read_task(type_: str, source: Source, extensions: Extensions, reading: Reading) -> dict[str, Any]:
    """The parts of a `Node` that only tasks of this type have, as keyword arguments."""
    element = source.element
    parts: dict[str, Any] = {}
    if type_ == "userTask":
        parts["user_task"] = read_user_task(element, source, extensions)
    elif type_ == "startEvent" and extensions.form_key:
        parts["user_task"] = UserTask(form_key=extensions.form_key)
    if type_ in _JOBS and (job := _read_job(type_, source, extensions, reading)) is not None:
        parts["service_task"] = job
    if type_ in _MESSAGES and _says_message(element, extensions):
        parts["event"] = read_message(element, source.subject, extensions, reading)
    if type_ == "scriptTask":
        parts["script"] = _read_script(source, extensions, reading)
        if extensions.topic is not None:
            parts["service_task"] = _job(extensions)
    if type_ == "callActivity":
        parts["call"] = _read_call(source, extensions)
    if type_ == "businessRuleTask" and extensions.decision is not None:
        parts["decision"] = Decision(
            decision=extensions.decision,
            result_variable=extensions.result_variable,
            shape=extensions.result_shape,
        )
    return parts


def _says_message(element: Element, extensions: Extensions) -> bool:
    return bool(extensions.message or reference(element, "messageRef") or reference(element, "operationRef"))


def _read_job(type_: str, source: Source, extensions: Extensions, reading: Reading) -> ServiceTask | None:
    if extensions.topic is not None:
        return _job(extensions)
    if type_ in ("endEvent", "intermediateThrowEvent"):
        return _job_of_message_event(source, reading)
    if extensions.implementation:
        _report_implementation(source, extensions.implementation)
    return None


def _job(extensions: Extensions) -> ServiceTask:
    return ServiceTask(
        topic=extensions.topic,
        retries=extensions.retries,
        headers=dict(extensions.headers),
        priority=extensions.job_priority,
    )


def _job_of_message_event(source: Source, reading: Reading) -> ServiceTask | None:
    """Camunda 7 writes the external topic of a throwing message event on its event definition."""
    for definition in event_definitions(source.element, source.subject, reading):
        extensions = reading.extensions(definition, source.subject)
        if extensions.topic is not None:
            return _job(extensions)
        if extensions.implementation:
            _report_implementation(source, extensions.implementation)
    return None


def _report_implementation(source: Source, implementation: str) -> None:
    source.report.error(
        "foreign-implementation",
        source.subject,
        Words(
            f"is run by code of another engine: {shorten(implementation, 100)}",
            f"依赖其他引擎的代码：{shorten(implementation, 100)}",
        ),
        Words(
            "Give it a job type (topic) and let a bot do that work; a mere computation fits a FEEL script task.",
            "请改为填写作业类型（主题），由机器人完成；单纯的计算可用 FEEL 脚本任务。",
        ),
    )


def _read_script(source: Source, extensions: Extensions, reading: Reading) -> ScriptTask | None:
    element = source.element
    if extensions.script:
        return ScriptTask(language="feel", text=extensions.script, result_variable=extensions.result_variable)
    script = first(element, "script")
    text = _dedent(script)
    if not text:
        if extensions.topic is None:
            _report_no_script(source, extensions.implementation)
        return None
    if len(text) > _MAX_SCRIPT:
        _report_long_script(source)
        return None
    language = _language(attribute(element, "scriptFormat"), text, source, reading)
    if language is None:
        return None
    if language == "feel":
        value = source.expression(text, "script", "脚本")
        text = value.text if value is not None else text
    return ScriptTask(language=language, text=text, result_variable=extensions.result_variable)


def _dedent(script: Element | None) -> str:
    """A script without the indentation that XML formatting gave it: Python would stumble over it."""
    import textwrap

    if script is None:
        return ""
    return textwrap.dedent(all_text(script).strip("\r\n").replace("\r\n", "\n")).strip()


def _language(declared: str, text: str, source: Source, reading: Reading) -> Literal["feel", "python"] | None:
    name = declared.lower().rpartition("/")[2].removeprefix("x-")
    if name in _FEEL or (not name and text.startswith(("=", "${", "#{"))):
        return "feel"
    if name in _PYTHON or (not name and reading.python_by_default):
        return "python"
    if not name and _is_python(text):
        source.report.warning(
            "script-read-as-python",
            source.subject,
            Words("does not say its script's language, read as Python", "没有注明脚本语言，按 Python 读取"),
            Words("Set the script format to 'python' or 'feel'.", "请将脚本格式设为 'python' 或 'feel'。"),
        )
        return "python"
    shown = f"in {declared}" if declared else "without a language"
    shown_zh = f"语言为 {declared}" if declared else "未注明语言"
    source.report.error(
        "script-language-not-supported",
        source.subject,
        Words(
            f"has a script {shown}; expected FEEL or Python: `{shorten(text)}`",
            f"的脚本{shown_zh}，只支持 FEEL 或 Python:`{shorten(text)}`",
        ),
        Words(
            "Rewrite it in FEEL or Python and set the script format, or make it a service task for a bot.",
            "请用 FEEL 或 Python 重写并填写脚本格式，或改为由机器人执行的服务任务。",
        ),
    )
    return None


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _report_no_script(source: Source, implementation: str) -> None:
    shown = f": {implementation}" if implementation else ""
    source.report.error(
        "script-missing",
        source.subject,
        Words(f"has no script of its own{shown}", f"没有脚本内容{shown}"),
        Words("Write the script into the task, in FEEL or Python.", "请在任务中用 FEEL 或 Python 写入脚本。"),
    )


def _report_long_script(source: Source) -> None:
    source.report.error(
        "script-too-long",
        source.subject,
        Words(f"has a script of more than {_MAX_SCRIPT:,} characters", f"的脚本超过 {_MAX_SCRIPT:,} 个字符"),
        Words("Make it a service task and put the code into a bot.", "请改为服务任务，把代码放到机器人中。"),
    )


def _called_element(element: Element) -> str:
    """`calledElement` is an xs:QName: a declared prefix is no part of the process's key."""
    prefix, colon, name = attribute(element, "calledElement").partition(":")
    return name if colon and prefix in element.nsmap else prefix + colon + name


def _read_call(source: Source, extensions: Extensions) -> Call | None:
    called = extensions.called or source.value(_called_element(source.element), "called process", "被调用流程")
    if called is None:
        return None
    propagate = True if extensions.propagate_all is None else extensions.propagate_all
    return Call(process=called, binding=extensions.binding or "latest", propagate_all=propagate)

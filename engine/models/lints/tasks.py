"""Tasks that nobody could do: without a job type, a process to call, a message, a form."""

from __future__ import annotations

from engine.models.findings import Report, Subject, describe_node
from engine.models.labels import Words
from engine.models.model import Node, Process, runs_decision


def check(process: Process, report: Report) -> None:
    """Report tasks that lack what they need to run."""
    for node in process.nodes.values():
        subject = describe_node(node, process)
        if node.type == "userTask":
            _user_task(node, subject, report)
        elif node.type in ("serviceTask", "businessRuleTask", "sendTask"):
            _work(node, subject, report)
        elif node.type == "receiveTask" and (node.event is None or node.event.name is None):
            if report.has("message-without-name", node.id):
                continue
            says = Words("does not say which message it waits for", "没有指定等待的消息")
            report.error("message-without-name", subject, says, _CHOOSE_MESSAGE)
        elif node.type == "callActivity" and node.call is None:
            report.error(
                "call-without-process",
                subject,
                Words("does not say which process it calls", "没有指定调用的流程"),
                Words("Enter the id of the called process.", "请填写被调用流程的编号。"),
            )


_CHOOSE_MESSAGE = Words("Choose or create a message and give it a name.", "请选择或新建消息并命名。")


def _user_task(node: Node, subject: Subject, report: Report) -> None:
    task = node.user_task
    if task is None or not (task.form_key or "civiflow:form" in node.properties):
        report.warning(
            "user-task-without-form",
            subject,
            Words("has no form: people can only mark it as done", "没有表单：办理人只能标记为已完成"),
            Words("Choose a form in the properties panel (form key).", "请在属性面板中选择表单(form key)。"),
        )


def _work(node: Node, subject: Subject, report: Report) -> None:
    has_job = node.service_task is not None and node.service_task.topic is not None
    decision = node.decision
    if decision is not None and runs_decision(node) and not decision.result_variable and decision.shape != "columns":
        named = decision.decision.text
        report.note(
            "decision-result-unnamed",
            subject,
            Words(
                f"does not say where its result goes; it goes to a variable by the decision's id, '{named}'",
                f"没有指定结果变量，结果将存入以决策编号命名的变量“{named}”",
            ),
            Words("Enter a result variable.", "请填写结果变量。"),
        )
    if has_job or node.decision is not None or report.has("foreign-implementation", node.id):
        return
    if node.type == "sendTask":
        if (node.event is None or node.event.name is None) and not report.has("message-without-name", node.id):
            says = Words("has neither a message to send nor a job type", "既没有要发送的消息，也没有作业类型")
            report.error("send-task-without-message", subject, says, _CHOOSE_MESSAGE)
        return
    rule = node.type == "businessRuleTask"
    report.error(
        "business-rule-without-decision" if rule else "service-task-without-type",
        subject,
        Words("names neither a decision nor a job type", "既没有指定决策，也没有作业类型")
        if rule
        else Words("has no job type (topic), so no bot would ever do it", "没有作业类型（主题），没有机器人会执行它"),
        Words("Choose a decision (DMN), or a job type for a bot.", "请选择决策(DMN)，或填写由机器人处理的作业类型。")
        if rule
        else Words(
            "Enter a job type in the properties panel, such as 'document.render'; a step for people is a user task.",
            "请在属性面板中填写作业类型，例如 'document.render'；由人办理的步骤请用用户任务。",
        ),
    )

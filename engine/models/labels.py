"""What BPMN elements are called when we speak to their author, in English and Chinese."""

from __future__ import annotations

from typing import Final, NamedTuple


class Words(NamedTuple):
    """One text in both languages."""

    en: str
    zh: str


LABELS: Final[dict[str, Words]] = {
    "definitions": Words("File", "文件"),
    "process": Words("Process", "流程"),
    "collaboration": Words("Collaboration", "协作"),
    "participant": Words("Pool", "泳池"),
    "lane": Words("Lane", "泳道"),
    "sequenceFlow": Words("Sequence flow", "顺序流"),
    "messageFlow": Words("Message flow", "消息流"),
    "startEvent": Words("Start event", "开始事件"),
    "endEvent": Words("End event", "结束事件"),
    "intermediateCatchEvent": Words("Catch event", "中间捕获事件"),
    "intermediateThrowEvent": Words("Throw event", "中间抛出事件"),
    "implicitThrowEvent": Words("Implicit throw event", "隐式抛出事件"),
    "boundaryEvent": Words("Boundary event", "边界事件"),
    "task": Words("Task", "任务"),
    "userTask": Words("User task", "用户任务"),
    "manualTask": Words("Manual task", "手工任务"),
    "serviceTask": Words("Service task", "服务任务"),
    "sendTask": Words("Send task", "发送任务"),
    "receiveTask": Words("Receive task", "接收任务"),
    "scriptTask": Words("Script task", "脚本任务"),
    "businessRuleTask": Words("Business rule task", "业务规则任务"),
    "callActivity": Words("Call activity", "调用活动"),
    "subProcess": Words("Sub-process", "子流程"),
    "transaction": Words("Transaction", "事务子流程"),
    "adHocSubProcess": Words("Ad-hoc sub-process", "特别子流程"),
    "exclusiveGateway": Words("Exclusive gateway", "排他网关"),
    "parallelGateway": Words("Parallel gateway", "并行网关"),
    "inclusiveGateway": Words("Inclusive gateway", "包容网关"),
    "complexGateway": Words("Complex gateway", "复杂网关"),
    "eventBasedGateway": Words("Event-based gateway", "事件网关"),
    "choreographyTask": Words("Choreography task", "编排任务"),
    "subChoreography": Words("Sub-choreography", "子编排"),
    "callChoreography": Words("Call choreography", "调用编排"),
    "message": Words("Message", "消息"),
    "signal": Words("Signal", "信号"),
    "error": Words("Error", "错误"),
    "escalation": Words("Escalation", "升级"),
    "dataObject": Words("Data object", "数据对象"),
    "dataStore": Words("Data store", "数据存储"),
}

_UNKNOWN: Final = Words("Element", "元素")


def a(noun: str) -> str:
    """An English noun with its article."""
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def label(type_: str) -> Words:
    """The name of an element type; 'Element' for one we do not know."""
    return LABELS.get(type_, _UNKNOWN)

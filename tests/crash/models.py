"""Small processes of the harness's own, for what the packaged ones do not have: outside effects, timers of
seconds, cases that write to each other."""

from __future__ import annotations

from tests.builders import node, process, service, timer, user

STAFF = "clerks"
_STARTABLE = {"civiflow:startableBy": "staff"}
_MESSAGES = "".join(
    f'<bpmn:message id="m_{name}" name="crash.{name}"><bpmn:extensionElements>'
    f'<zeebe:subscription correlationKey="=pair"/></bpmn:extensionElements></bpmn:message>'
    for name in ("ask", "answer", "news")
)


def _message(kind: str, id: str, name: str) -> str:
    return node(kind, id, f'<bpmn:messageEventDefinition messageRef="m_{name}"/>')


EFFECTS = process(
    "crash_effects",
    "start -> prepare -> split; split -> effect -> join; split -> outside -> join; split -> moment -> join;"
    "join -> confirm -> end",
    user("prepare"),
    node("parallelGateway", "split"),
    service("effect", "crash.effect", retries=5),
    service("outside", "crash.outside", retries=5),
    node("intermediateCatchEvent", "moment", timer("PT2S")),
    node("parallelGateway", "join"),
    user("confirm"),
    properties=_STARTABLE,
)
"""A bot's effect, an outside worker's, and a timer, side by side."""

ASKER = process(
    "crash_asker",
    "start -> send -> ask -> answer -> end",
    user("send"),
    _message("intermediateThrowEvent", "ask", "ask"),
    _message("intermediateCatchEvent", "answer", "answer"),
    properties=_STARTABLE,
    top=_MESSAGES,
)
"""Asks its partner, the case with the same `pair`, and waits for the answer."""

ANSWERER = process(
    "crash_answerer",
    "start -> asked -> reply -> end",
    _message("intermediateCatchEvent", "asked", "ask"),
    _message("intermediateThrowEvent", "reply", "answer"),
    properties=_STARTABLE,
    top=_MESSAGES,
)
NEWS = process(
    "crash_news",
    "start -> news -> read -> end",
    _message("intermediateCatchEvent", "news", "news"),
    user("read"),
    properties=_STARTABLE,
    top=_MESSAGES,
)
"""Waits for a message from outside."""

TASK = process("crash_task", "start -> do -> end", user("do"), properties=_STARTABLE)
WORK = process(
    "crash_work", "start -> effect -> end", service("effect", "crash.effect", retries=20), properties=_STARTABLE
)
FEW_TRIES = process(
    "crash_few_tries", "start -> effect -> end", service("effect", "crash.effect", retries=2), properties=_STARTABLE
)
OUTSIDE = process(
    "crash_outside", "start -> outside -> end", service("outside", "crash.outside", retries=20), properties=_STARTABLE
)
TIMER = process(
    "crash_timer",
    "start -> moment -> end",
    node(
        "intermediateCatchEvent",
        "moment",
        "<bpmn:timerEventDefinition><bpmn:timeDate>=date and time(due)</bpmn:timeDate></bpmn:timerEventDefinition>",
    ),
    properties=_STARTABLE,
)
"""Waits until the instant `due`."""

ALL = {
    f"{name}.bpmn": content
    for name, content in {
        "effects": EFFECTS,
        "asker": ASKER,
        "answerer": ANSWERER,
        "news": NEWS,
        "task": TASK,
        "work": WORK,
        "few_tries": FEW_TRIES,
        "outside": OUTSIDE,
        "timer": TIMER,
    }.items()
}

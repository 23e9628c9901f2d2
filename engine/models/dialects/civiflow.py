"""Our own conventions: extension properties whose names begin with `civiflow:`.

They are written as ordinary `zeebe:property` or `camunda:property` entries, so that any modeller
can set them: `civiflow:excludedUsers`, `civiflow:topic`, `civiflow:message`,
`civiflow:correlationKey`, `civiflow:form`; `civiflow:waitingFor` names somebody outside whom a user
task waits for, such as `applicant`, so that reports do not count that time as work;
`civiflow:recalculate` lets a deadline follow the variables that its expression names.
"""

from __future__ import annotations

from typing import Final

from engine.models.dialects.extensions import Extensions, Source

PREFIX: Final = "civiflow:"


def read(source: Source, to: Extensions) -> None:
    """Turn the `civiflow:` properties found by the dialects before into settings."""
    own = {k.removeprefix(PREFIX): v for k, v in to.properties.items() if k.startswith(PREFIX)}
    if not own:
        return
    if "excludedUsers" in own:
        to.excluded_users = source.expression(own["excludedUsers"], "excluded users", "回避人员")
    if "topic" in own:
        to.topic = source.value(own["topic"], "topic", "主题")
    if "message" in own:
        to.message = source.value(own["message"], "message name", "消息名称")
    if "correlationKey" in own:
        to.correlation_key = source.expression(own["correlationKey"], "correlation key", "关联键")
    to.form = own.get("form", to.form)

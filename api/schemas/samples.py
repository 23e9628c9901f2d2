"""Invented values that the examples of the OpenAPI document share."""

from __future__ import annotations

from typing import Any

DEFINITION = "repair_dispatch:3:019aa7c4-5d00-7c31-9f0e-5f2a8f1f9d10"
INSTANCE = "019aa7c5-0a44-7b12-8d2c-94d2c1b7e201"
TASK = "019aa7c5-0a52-7e90-b1aa-2f0c6f6f0c11"
JOB = "019aa7c6-31f0-7d02-a9d4-6be0e7c4aa31"
INCIDENT = "019aa7c7-99a1-7cc0-8a11-0d6d1f5b7e42"
ATTACHMENT = "019aa7c5-0a31-7f55-9c1e-c2b8a7d3f6e1"
NOTIFICATION = "019aa7c8-1b20-7aa4-b3c5-8f7a6e5d4c32"
TOKEN = "019aa7c9-2c31-7bb5-a4d6-9e8b7f6a5d43"
SESSION = "019aa7c9-3d42-7cc6-95e7-af9c8a7b6e54"
LEASE = "b6f3a1d8c2e94f07"
CASE = "REPAIR_DISPATCH-20261121-0042"
AT = "2026-11-21T08:30:00Z"
LATER = "2026-11-21T10:30:00Z"

VARIABLES: dict[str, Any] = {"category": "路面破损", "place": "澜州市清河区长桥路 18 号", "urgent": False}

FILE: dict[str, Any] = {
    "id": ATTACHMENT,
    "name": "现场照片.png",
    "media_type": "image/png",
    "size": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}

FINDING: dict[str, Any] = {
    "severity": "error",
    "code": "flow-without-condition",
    "element": "Flow_reject",
    "element_name": "不予受理",
    "message": "Sequence flow 'Flow_reject' leaves an exclusive gateway without a condition.",
    "message_zh": "顺序流“不予受理”离开排他网关但没有条件。",
    "mend": "Give it a condition, or make it the default flow.",
    "mend_zh": "请填写条件，或设为默认流。",
}

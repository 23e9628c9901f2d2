"""A town in which everybody is somebody, and things that belong to somebody else.

`ROSTER` has one account of each kind; `Things` makes what they may not all see: a case of the citizen chen in
the clerks' queue, its task, job, incident and file, a message and a token of hers. Everything of it carries
`MARK`, so that a list which shows it to the wrong person is told by its text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from api.security import digest, fresh_token
from engine import commands as c
from engine import identity_commands as ic
from engine.contracts.principal import SYSTEM, Role
from tests.builders_dmn import decision, dmn, input_data, literal
from tests.site import Site

MARK = "mark-7f3a9c"
ABSENT = "019aa7c5-0a44-7b12-8d2c-94d2c1b7e201"

ROSTER: dict[str, str] = {
    "anonymous": "",
    "citizen": "chen",
    "another citizen": "gu",
    "staff without a group": "bao",
    "staff of another department": "zhao",
    "staff of the group": "li",
    "supervisor": "su",
    "manager": "mei",
    "designer": "dora",
    "bot of the topic": "render-bot",
    "bot of another topic": "count-bot",
    "administrator": "root",
}

Values = dict[str, Any]
FEES = dmn(input_data("area", "number"), decision("fee", literal("area * 2"), inputs=["area"]))


def settle(site: Site) -> None:
    """The people of the roster that every site lacks, and a decision of no process."""
    engine = site.engine
    engine.execute(c.DeployDefinition(files={"fees.dmn": FEES}, name="fees"), by=SYSTEM)
    engine.execute(ic.CreateDepartment(key="roads", name="道路"), by=SYSTEM)
    newcomers: dict[str, tuple[Role, str]] = {"bao": ("staff", "office")}
    for name, (role, department) in newcomers.items():
        engine.execute(ic.CreateUser(username=name, roles=(role,), department=department), by=SYSTEM)
    engine.execute(ic.UpdateUser(username="zhao", department="roads"), by=SYSTEM)
    engine.execute(ic.CreateUser(username="count-bot", kind="bot", roles=("bot",), topics=("count",)), by=SYSTEM)
    token = "civ_" + fresh_token()
    issue = ic.IssueToken(owner="count-bot", name="t", token_sha256=digest(token), prefix=token[:12], topics=("count",))
    engine.execute(issue, by=SYSTEM)
    site.tokens["count-bot"] = token


@dataclass
class Things:
    """Makes things that belong to the citizen chen or the clerks; each call a new one."""

    site: Site
    count: int = field(default=0)

    def case(self) -> Values:
        return {"instance_id": self.site.start("chen", secret=MARK)}

    def case_number(self) -> Values:
        case = self.case()["instance_id"]
        return {"business_key": self.site.engine.read(SYSTEM).instance(case).row.business_key}

    def suspended(self) -> Values:
        made = self.case()
        self.site.engine.execute(c.SuspendInstance(instance_id=made["instance_id"]), by=SYSTEM)
        return made

    def task(self) -> Values:
        return {"task_id": self.site.task(self.case()["instance_id"])}

    def claimed(self) -> Values:
        made = self.task()
        with self.site.client("li") as li:
            assert li.post(f"/api/v1/tasks/{made['task_id']}/claim").status_code == 200
        return made

    def job(self) -> Values:
        job = self.site.job(self.case()["instance_id"])
        return {"job_id": job.id, "lease_token": job.lease_token}

    def incident(self) -> Values:
        return {"incident_id": self.site.incident(self.case()["instance_id"])}

    def file(self) -> Values:
        case = self.case()["instance_id"]
        add = c.AddAttachment(name=f"{MARK}.txt", content=MARK.encode(), instance_id=case)
        return {"attachment_id": self.site.engine.execute(add, by=SYSTEM).id}

    def message(self) -> Values:
        self.count += 1
        note = c.Notify(key=f"k{self.count}", recipient="chen", subject=MARK, body=MARK)
        return {"notification_id": self.site.engine.execute(note, by=SYSTEM)}

    def token(self) -> Values:
        self.count += 1
        with self.site.client("chen") as chen:
            return {"token_id": chen.post("/api/v1/tokens", json={"name": f"{MARK}-{self.count}"}).json()["id"]}

    def account(self) -> Values:
        self.count += 1
        name = f"newcomer-{self.count}"
        self.site.engine.execute(ic.CreateUser(username=name, roles=("staff",)), by=SYSTEM)
        return {"username": name}


Make = Callable[[Things], Values]


def filled(value: Any, made: Values) -> Any:
    """`{name}` in addresses and bodies replaced."""
    if isinstance(value, dict):
        return {key: filled(inner, made) for key, inner in value.items()}
    if isinstance(value, str) and "{" in value:
        return value.format(**made)
    return value

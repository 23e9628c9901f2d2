"""What the servers of benchmarks serve: people, tokens, and the six-node process in two script languages."""

from __future__ import annotations

import http.client
import re
from pathlib import Path

import orjson

from api.security import digest, fresh_token, hash_password
from engine import SYSTEM, Engine
from engine import commands as c
from engine import identity_commands as ic
from tests.bench.parts.served import Client, Server

MODEL = Path(__file__).resolve().parents[1] / "library" / "approval.bpmn"
PASSWORD = "a long enough passphrase"
FORM = {
    "type": "default",
    "components": [
        {"type": "number", "key": "amount", "label": "Amount", "readonly": True},
        {"type": "checkbox", "key": "approved", "label": "Approved"},
    ],
}


def approval(language: str) -> bytes:
    """The six-node process of the speed comparison: its service tasks as scripts, its user task for `li`."""
    text = MODEL.read_text().replace("@@CONDITION@@", "amount &gt; 100")
    for name, variable in (("check", "checked"), ("book", "booked")):
        if language == "python":
            head, body = 'scriptFormat="python"', f"{variable} = True"
        else:
            head, body = f'scriptFormat="feel" camunda:resultVariable="{variable}"', "true"
        text = re.sub(
            rf'<bpmn:serviceTask id="{name}"[^>]*>(.*?)</bpmn:serviceTask>',
            rf'<bpmn:scriptTask id="{name}" {head}>\1<bpmn:script>{body}</bpmn:script></bpmn:scriptTask>',
            text,
            flags=re.S,
        )
    text = text.replace('id="approval"', f'id="approval_{language}"')
    review = '<bpmn:userTask id="review" name="Review"'
    return text.replace(review, f'{review} camunda:assignee="li" camunda:formKey="review"').encode()


def furnish(url: str) -> str:
    """People and both processes in a fresh database; gives an API token of `li`."""
    token = "civ_" + fresh_token()
    with Engine.open(url) as engine:
        engine.execute(ic.CreateGroup(key="clerks", name="Clerks"), by=SYSTEM)
        hashed = hash_password(PASSWORD)
        for name, role in (("root", "administrator"), ("li", "staff")):
            user = ic.CreateUser(username=name, password_hash=hashed, roles=(role,), groups=("clerks",))
            engine.execute(user, by=SYSTEM)
        issue = ic.IssueToken(owner="li", name="bench", token_sha256=digest(token), prefix=token[:12])
        engine.execute(issue, by=SYSTEM)
        for language in ("feel", "python"):
            files = {"approval.bpmn": approval(language), "forms/review.json": orjson.dumps(FORM)}
            engine.execute(c.DeployDefinition(files=files, name=language), by=SYSTEM)
    return token


def sign_in(server: Server, name: str = "li") -> Client:
    """A browser's connection: its cookie, and the CSRF token that its changes carry."""
    door = http.client.HTTPConnection(server.host, server.port)
    body = orjson.dumps({"username": name, "password": PASSWORD})
    door.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
    answer = door.getresponse()
    cookies = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    token = orjson.loads(answer.read())["csrf_token"]
    door.close()
    return server.client(**{"Cookie": "; ".join(cookies), "X-CSRF-Token": token})

"""Decisions over REST: deployed, listed, asked, and why they came out in a case."""

from __future__ import annotations

from tests.builders import process, rule, user
from tests.builders_dmn import decision, dmn, input_data, table
from tests.site import Site

MODEL = process(
    "fee",
    "start -> rate -> look -> end",
    rule("rate", "_rate", "price"),
    user("look"),
    properties={"civiflow:startableBy": "citizen,staff"},
)
RATES = dmn(
    input_data("area", "number"),
    decision("rate", table(["area"], ["rate"], "> 50 | 4", "<= 50 | 2.5"), inputs=["area"]),
)


def deploy(site: Site, **files: bytes) -> dict[str, object]:
    parts = [("files", (name.replace("_", "."), content)) for name, content in files.items()]
    with site.client("dora") as dora:
        answer = dora.post("/api/v1/definitions", files=parts)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_why_a_case_was_decided_so_is_told_with_its_rules(site: Site) -> None:
    deploy(site, fee_bpmn=MODEL, rates_dmn=RATES)
    case = site.start("li", definition="fee", area=80)

    with site.client("su") as su:
        (found,) = su.get(f"/api/v1/instances/{case}/decisions").json()["items"]

    (rule_,) = found["trace"][0]["tables"][0]["rules"]
    assert (found["decision_id"], found["inputs"], found["outputs"]) == ("_rate", {"area": 80}, 4)
    assert (rule_["number"], rule_["conditions"], rule_["outputs"]) == (1, ["> 50"], {"rate": 4})


def test_decisions_deployed_alone_are_listed_and_can_be_asked(site: Site) -> None:
    made = deploy(site, rates_dmn=RATES)

    with site.client("li") as li:
        (listed,) = li.get("/api/v1/decisions").json()["items"]
        answer = li.post("/api/v1/decisions/_rate/evaluate", json={"inputs": {"area": 20}}).json()
        absent = li.post("/api/v1/decisions/_rate/evaluate", json={"inputs": {}, "version": 7})

    assert (made["definitions"], made["decisions"]) == ([], [listed])
    assert (listed["key"], listed["version"], listed["path"]) == ("_rate", 1, "rates.dmn")
    assert (answer["value"], answer["failure"], answer["decision"]["version"]) == (2.5, "", 1)
    assert absent.status_code == 404


def test_what_is_wrong_with_a_table_is_said_when_it_is_checked(site: Site) -> None:
    rates = dmn(
        input_data("area", "number"), decision("rate", table(["area"], ["rate"], "> 50 | 4 +"), inputs=["area"])
    )
    with site.client("dora") as dora:
        answer = dora.post(
            "/api/v1/definitions/check", files=[("files", ("fee.bpmn", MODEL)), ("files", ("rates.dmn", rates))]
        ).json()

    assert not answer["deployable"]
    assert {finding["code"] for finding in answer["findings"] if finding["severity"] == "error"} == {
        "expression-not-readable"
    }

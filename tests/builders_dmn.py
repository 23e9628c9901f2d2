"""DMN files as text, small enough to read in a test."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from engine.decisions import DecisionModel, load_decisions

DMN_15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"
DMN_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMN_11 = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"
CAMUNDA = "http://camunda.org/schema/1.0/dmn"


def dmn(
    *parts: str, namespace: str = "urn:test", name: str = "Test", spec: str = DMN_15, attributes: str = ""
) -> bytes:
    """A whole file."""
    head = f'<definitions xmlns="{spec}" id="defs" name="{name}" namespace="{namespace}" {attributes}>'
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{head}\n{''.join(parts)}\n</definitions>".encode()


def load(*parts: str, **options: str) -> DecisionModel:
    """A compiled model of the parts; errors are kept as findings."""
    return load_decisions(dmn(*parts, **options), strict=False)


def literal(text: str, type_ref: str = "") -> str:
    return f"<literalExpression{_type(type_ref)}><text>{escape(text)}</text></literalExpression>"


def input_data(name: str, type_ref: str = "") -> str:
    return f"<inputData id={_id(name)} name={quoteattr(name)}>{_item(name, type_ref)}</inputData>"


def decision(
    name: str,
    logic: str,
    *,
    requires: Sequence[str] = (),
    knows: Sequence[str] = (),
    inputs: Sequence[str] = (),
    type_ref: str = "",
) -> str:
    """A decision; `requires`, `inputs` and `knows` are names, or references that hold a `#`."""
    needs = "".join(
        f"<informationRequirement><{tag} href={_href(one)}/></informationRequirement>"
        for tag, names in (("requiredDecision", requires), ("requiredInput", inputs))
        for one in names
    )
    return (
        f"<decision id={_id(name)} name={quoteattr(name)}>{_item(name, type_ref)}"
        f"{needs}{knowledge(knows)}{logic}</decision>"
    )


def knowledge(knows: Sequence[str]) -> str:
    return "".join(
        f"<knowledgeRequirement><requiredKnowledge href={_href(one)}/></knowledgeRequirement>" for one in knows
    )


def bkm(
    name: str, parameters: Sequence[str], body: str, *, knows: Sequence[str] = (), type_ref: str = "", kind: str = ""
) -> str:
    """A business knowledge model; a parameter is `name` or `name: type`."""
    kinds = f' kind="{kind}"' if kind else ""
    return (
        f"<businessKnowledgeModel id={_id(name)} name={quoteattr(name)}>{_item(name, type_ref)}"
        f"<encapsulatedLogic{kinds}>{formal(parameters)}{body}</encapsulatedLogic>"
        f"{knowledge(knows)}</businessKnowledgeModel>"
    )


def formal(parameters: Sequence[str]) -> str:
    made = [one.partition(":") for one in parameters]
    return "".join(
        f"<formalParameter name={quoteattr(name.strip())}{_type(type_ref.strip())}/>" for name, _, type_ref in made
    )


def service(
    name: str,
    *,
    outputs: Sequence[str],
    encapsulated: Sequence[str] = (),
    decisions: Sequence[str] = (),
    data: Sequence[str] = (),
    type_ref: str = "",
) -> str:
    parts = (
        ("outputDecision", outputs),
        ("encapsulatedDecision", encapsulated),
        ("inputDecision", decisions),
        ("inputData", data),
    )
    inner = "".join(f"<{tag} href={_href(one)}/>" for tag, names in parts for one in names)
    return f"<decisionService id={_id(name)} name={quoteattr(name)}>{_item(name, type_ref)}{inner}</decisionService>"


def item(
    name: str,
    type_ref: str = "",
    *,
    allowed: str = "",
    constraint: str = "",
    collection: bool = False,
    parts: str = "",
    tag: str = "itemDefinition",
) -> str:
    """An item definition, or with `tag="itemComponent"` a part of one."""
    inner = f"<typeRef>{type_ref}</typeRef>" if type_ref else ""
    inner += f"<allowedValues><text>{escape(allowed)}</text></allowedValues>" if allowed else ""
    inner += f"<typeConstraint><text>{escape(constraint)}</text></typeConstraint>" if constraint else ""
    return f'<{tag} name={quoteattr(name)} isCollection="{str(collection).lower()}">{inner}{parts}</{tag}>'


def context(*entries: tuple[str, str], result: str = "") -> str:
    """A boxed context of `(name or "name: type", expression)`."""
    made = "".join(f"<contextEntry>{_variable(name)}{body}</contextEntry>" for name, body in entries)
    return f"<context>{made}{f'<contextEntry>{result}</contextEntry>' if result else ''}</context>"


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    *rules: str,
    policy: str = "UNIQUE",
    aggregation: str = "",
    input_types: Sequence[str] = (),
    input_values: Sequence[str] = (),
    output_values: Sequence[str] = (),
    defaults: Sequence[str] = (),
    type_ref: str = "",
) -> str:
    """A decision table; a rule is its cells parted by `|`, outputs last; an output is `name` or `name: type`."""
    made = []
    for at, text in enumerate(inputs):
        kind = _type(input_types[at]) if at < len(input_types) else ""
        values = _values("inputValues", input_values, at)
        expression = f"<inputExpression{kind}><text>{escape(text)}</text></inputExpression>"
        made.append(f'<input id="in{at + 1}" label={quoteattr(text)}>{expression}{values}</input>')
    for at, text in enumerate(outputs):
        name, _, kind = text.partition(":")
        default = (
            f"<defaultOutputEntry><text>{escape(defaults[at])}</text></defaultOutputEntry>"
            if at < len(defaults)
            else ""
        )
        inner = _values("outputValues", output_values, at) + default
        made.append(f'<output id="out{at + 1}" name={quoteattr(name.strip())}{_type(kind.strip())}>{inner}</output>')
    for number, rule in enumerate(rules, 1):
        cells = [cell.strip() for cell in rule.split("|")]
        tags = ["inputEntry"] * len(inputs) + ["outputEntry"] * len(outputs)
        inner = "".join(f"<{tag}><text>{escape(cell)}</text></{tag}>" for tag, cell in zip(tags, cells, strict=True))
        made.append(f'<rule id="r{number}">{inner}</rule>')
    how = f' hitPolicy="{policy}"' + (f' aggregation="{aggregation}"' if aggregation else "")
    return f'<decisionTable id="t"{how}{_type(type_ref)}>{"".join(made)}</decisionTable>'


def _values(tag: str, texts: Sequence[str], at: int) -> str:
    return f"<{tag}><text>{escape(texts[at])}</text></{tag}>" if at < len(texts) and texts[at] else ""


def _variable(name: str) -> str:
    plain, _, kind = name.partition(":")
    return f"<variable name={quoteattr(plain.strip())}{_type(kind.strip())}/>"


def _item(name: str, type_ref: str) -> str:
    return f"<variable name={quoteattr(name)}{_type(type_ref)}/>"


def _type(type_ref: str) -> str:
    return f" typeRef={quoteattr(type_ref)}" if type_ref else ""


def _id(name: str) -> str:
    return quoteattr(f"_{'_'.join(name.split())}")


def _href(name: str) -> str:
    return quoteattr(name if "#" in name or not name else f"#_{'_'.join(name.split())}")

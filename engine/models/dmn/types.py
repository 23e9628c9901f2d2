"""Reading item definitions (DMN 1.5, 7.3.2)."""

from __future__ import annotations

from engine.models.bpmn_xml import Element
from engine.models.dmn.boxed import variable
from engine.models.dmn.model import FunctionItem, ItemDefinition, Text
from engine.models.dmn.tables import text_content
from engine.models.dmn.vocabulary import attribute, children, first, name_of, type_ref


def item_definition(element: Element) -> ItemDefinition:
    """An item definition, or a component of one, with its components."""
    function = first(element, "functionItem")
    return ItemDefinition(
        id=attribute(element, "id"),
        name=name_of(element),
        type_ref=type_ref(element),
        allowed=_tests(first(element, "allowedValues")),
        constraint=_tests(first(element, "typeConstraint")),
        collection=attribute(element, "isCollection") in ("true", "1"),
        components=tuple(item_definition(one) for one in children(element, "itemComponent")),
        function=None if function is None else _function(function),
    )


def _function(element: Element) -> FunctionItem:
    parameters = tuple(variable(one) for one in children(element, "parameters"))
    return FunctionItem(parameters=parameters, output=_output(element))


def _output(element: Element) -> str:
    """`outputTypeRef` is an attribute since DMN 1.3, qualified names as elsewhere."""
    return attribute(element, "outputTypeRef").rpartition(":")[2]


def _tests(element: Element | None) -> Text | None:
    text = text_content(element)
    return Text(id=attribute(element, "id"), text=text) if text and text != "-" else None

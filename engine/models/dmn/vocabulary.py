"""Names of DMN XML: namespaces of each version, other people's namespaces, and lookups on elements.

Elements are told by their local names once the root is known to be DMN: exporters mix the
namespaces of versions inside one file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from engine.models.bpmn_xml import Element, local, namespace, one_line, text_of

VERSIONS: Final = {
    "http://www.omg.org/spec/DMN/20130901": "1.0",
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/DMN.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151130": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
    "https://www.omg.org/spec/DMN/20240513/MODEL/": "1.6",
}
CAMUNDA: Final = "http://camunda.org/schema/1.0/dmn"


def is_dmn(element: Element) -> bool:
    """Whether the element belongs to DMN, of any version."""
    return namespace(element) in VERSIONS


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """DMN child elements in document order (only those called one of `names`, if any are given)."""
    if element is None:
        return iter(())
    return (child for child in element if is_dmn(child) and (not names or local(child) in names))


def first(element: Element | None, *names: str) -> Element | None:
    """The first DMN child called one of `names`."""
    return next(children(element, *names), None)


def attribute(element: Element | None, name: str) -> str:
    """An attribute's value as it stands, '' where it is absent. White space around it is no part of it."""
    return "" if element is None else (element.get(name) or "").strip()


def name_of(element: Element | None, name: str = "name") -> str:
    """An attribute that is a name: white space folded and Unicode composed, as FEEL reads names."""
    return unicodedata.normalize("NFC", one_line(attribute(element, name)))


def vendor(element: Element, name: str) -> str:
    """An attribute of that name in any namespace: vendors keep `kind` and `inputVariable` in theirs."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value).strip()
    return ""


def type_ref(element: Element | None) -> str:
    """The type reference in an attribute or child `typeRef`, as `engine.models.dmn.model` describes it.

    DMN 1.1 wrote qualified names: a prefix of FEEL's namespace, or of the file's own, goes; one bound to
    another file's namespace stays as `{namespace}name`; one bound to nothing goes.
    """
    if element is None:
        return ""
    written = one_line(attribute(element, "typeRef") or text_of(first(element, "typeRef")))
    prefix, colon, name = written.partition(":")
    if not colon:
        return written
    uri = element.nsmap.get(prefix) or ""
    root: Element | None = element.getroottree().getroot()
    own = attribute(root, "namespace")
    if not uri or uri == own or "/FEEL" in uri or uri in VERSIONS:
        return name
    return f"{{{uri}}}{name}"


def is_feel(language: str) -> bool:
    """Whether the URI or name of an expression language means FEEL."""
    return "feel" in language.lower()

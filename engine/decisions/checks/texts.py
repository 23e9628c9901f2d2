"""What is wrong with the texts of a model: not FEEL, names that are not there, constants of another type."""

from __future__ import annotations

from difflib import get_close_matches

from engine.decisions.checks.grid import base_kind, column_type
from engine.decisions.checks.twice import in_text
from engine.decisions.feel_text import Read
from engine.decisions.space import Space
from engine.errors import ExpressionError
from engine.feel import ast
from engine.feel.builtins import BUILTIN_NAMES
from engine.feel.free_names import free_names, repeated_keys
from engine.feel.unary import SUBJECT
from engine.feel.values import kind_of
from engine.models.dmn.model import (
    DecisionTable,
    InputData,
    Text,
)
from engine.models.dmn.subjects import of_element, of_input, of_output, of_rule
from engine.models.dmn.walk import expressions_of, tables_of
from engine.models.findings import Report, Subject, shorten
from engine.models.labels import Words

__all__ = ["check_texts"]

_DEFINE = Words(
    "Define it as a business knowledge model and require that, or mend its name.",
    "请将其定义为业务知识模型并连线依赖，或改正名称。",
)
_QUOTES = Words('Write text in double quotes: "like this".', "文本请写在双引号中。")


def check_texts(space: Space, report: Report) -> None:
    """Check every text of a compiled model."""
    subjects = _subjects(space)
    for text, error in space.problems:
        subject = subjects.get(id(text))
        if subject is not None:
            _unreadable(subject, text, error, report)
    nodes = {id(read.text): read.node for read in space.texts.read}
    for read in space.texts.read:
        subject = subjects.get(id(read.text))
        if subject is not None:
            _unknown_names(space, subject, read, report)
            in_text(subject, read.text.text, repeated_keys(read.node), report)
    for element in space.members.values():
        for table in tables_of(element):
            _constants(space, of_element(element), table, space.input_data, nodes, report)
    for ref in sorted(space.types.unknown):
        report.warning(
            "unknown-type",
            Subject(words=Words(f"Type «{shorten(ref)}»", f"类型“{shorten(ref)}”")),
            Words("is not defined; any value is taken", "没有定义；接受任何值"),
            Words("Define it in the file, or choose a type of FEEL.", "请在文件中定义，或选用 FEEL 类型。"),
        )


def _subjects(space: Space) -> dict[int, Subject]:
    """Whom a finding about a text is about, by the text's identity."""
    found: dict[int, Subject] = {}
    for element in space.members.values():
        owner = of_element(element)
        for boxed in expressions_of(element):
            if isinstance(boxed, Text):
                found.setdefault(id(boxed), owner)
            if isinstance(boxed, DecisionTable):
                _of_table(owner, boxed, found)
    return found


def _of_table(owner: Subject, table: DecisionTable, found: dict[int, Subject]) -> None:
    for clause in table.inputs:
        subject = of_input(owner, table, clause)
        found.update({id(text): subject for text in (clause.expression, clause.values) if text is not None})
    for output in table.outputs:
        subject = of_output(owner, table, output)
        found.update({id(text): subject for text in (output.values, output.default) if text is not None})
    for rule in table.rules:
        found.update({id(cell): of_rule(owner, rule) for cell in (*rule.inputs, *rule.outputs)})


def _unreadable(subject: Subject, text: Text, error: ExpressionError, report: Report) -> None:
    report.error(
        "expression-not-readable",
        subject,
        Words(
            f"has an expression that is not FEEL: `{shorten(text.text)}`: {shorten(error.message, 200)}",
            f"的表达式不是 FEEL:`{shorten(text.text)}`:{shorten(error.message, 200)}",
        ),
        Words("Mend it at that place.", "请在该处改正。"),
    )


def _unknown_names(space: Space, subject: Subject, read: Read, report: Report) -> None:
    free = free_names(read.node)
    known = read.names | {SUBJECT}
    for name in sorted(free.variables - known - free.in_filters - BUILTIN_NAMES):
        if name in space.declared and not (space.is_camunda and _is_input(space, name)):
            report.error(
                "name-not-required",
                subject,
                Words(
                    f"reads «{name}» in `{shorten(read.text.text)}` without requiring it, so it is null there",
                    f"在 `{shorten(read.text.text)}` 中读取“{name}”，但没有依赖连线，其值为 null",
                ),
                Words(f"Draw a requirement from «{name}».", f"请从“{name}”画一条依赖连线。"),
            )
        elif not (space.is_camunda and (type(read.text) is Text or read.text.source)):
            # Camunda has columns, expressions and JUEL read the process's variables, which nobody need draw.
            _unknown_name(subject, name, read, report)
    for name in sorted(free.functions - read.names - BUILTIN_NAMES - space.library.functions):
        near = get_close_matches(name, [*read.names, *BUILTIN_NAMES], n=1, cutoff=0.7)
        report.warning(
            "unknown-function",
            subject,
            Words(
                f"calls «{name}» in `{shorten(read.text.text)}`, which is no function of the model or of FEEL",
                f"在 `{shorten(read.text.text)}` 中调用的“{name}”不是模型或 FEEL 中的函数",
            ),
            Words(f"Did you mean «{near[0]}»?", f"是否指“{near[0]}”?") if near else _DEFINE,
        )


def _is_input(space: Space, name: str) -> bool:
    return all(isinstance(one, InputData) for one in space.named(name))


def _unknown_name(subject: Subject, name: str, read: Read, report: Report) -> None:
    near = get_close_matches(name, list(read.names), n=1, cutoff=0.7)
    mend = Words(f"Did you mean «{near[0]}»?", f"是否指“{near[0]}”?") if near else _QUOTES
    report.warning(
        "unknown-name",
        subject,
        Words(
            f"reads «{name}» in `{shorten(read.text.text)}`, which is not in the model;"
            " it is null unless a value of that name is given",
            f"在 `{shorten(read.text.text)}` 中读取“{name}”，模型中没有；除非给出同名的值，否则为 null",
        ),
        mend,
    )


def _constants(
    space: Space,
    owner: Subject,
    table: DecisionTable,
    inputs: dict[str, InputData],
    nodes: dict[int, ast.Node],
    report: Report,
) -> None:
    """Constants in cells that are of another type than their column."""
    columns = [base_kind(space.types.get(column_type(clause, inputs))) for clause in table.inputs]
    results = [base_kind(space.types.get(output.type_ref)) for output in table.outputs]
    if len(table.outputs) == 1 and not results[0]:
        results = [base_kind(space.types.get(table.type_ref))]
    for rule in table.rules:
        for cells, kinds in ((rule.inputs, columns), (rule.outputs, results)):
            for cell, kind in zip(cells, kinds, strict=True):
                found = _other_kind(nodes.get(id(cell)), kind)
                if found:
                    _mismatch(of_rule(owner, rule), cell, kind, found, report)


def _other_kind(node: ast.Node | None, kind: str) -> str:
    """The kind of the cell's constants where none is of the column's kind; '' if it fits or cannot be told."""
    if not kind or kind in ("list", "Any") or node is None:
        return ""
    found: set[str] = set()
    waiting = list(node.tests) if isinstance(node, ast.UnaryTests) else [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Literal) and one.value is not None:
            found.add(kind_of(one.value))
        elif isinstance(one, ast.UnaryComparison):
            waiting.append(one.operand)
        elif isinstance(one, ast.Interval):
            waiting += [one.start, one.end]
        else:
            return ""
    # A boolean decides by itself in any column.
    wrong = found - {kind} - ({"boolean"} if isinstance(node, ast.UnaryTests) else set())
    return next(iter(sorted(wrong)), "")


def _mismatch(subject: Subject, cell: Text, kind: str, found: str, report: Report) -> None:
    report.warning(
        "type-conflict",
        subject,
        Words(
            f"has the {found} `{shorten(cell.text)}` in a column of type {kind}",
            f"在类型为 {kind} 的列中使用了 {found} 值 `{shorten(cell.text)}`",
        ),
        Words(
            "Write a value of the column's type, or change the type.",
            "请填写该列类型的值，或修改列的类型。",
        ),
    )

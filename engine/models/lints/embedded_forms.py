"""Forms written inside the model that are no usable forms."""

from __future__ import annotations

from collections.abc import Collection

from engine.errors import InvalidInput
from engine.models.findings import Report, describe_node, shorten
from engine.models.forms import read_form
from engine.models.forms.problems import in_chinese
from engine.models.labels import Words
from engine.models.model import Process


def check(process: Process, report: Report, functions: Collection[str] = ()) -> None:
    """Report embedded forms that cannot be read.

    Args:
        functions: names of the functions that the site adds to FEEL; none: which there are is not known.
    """
    for node in process.nodes.values():
        form = node.properties.get("civiflow:form")
        if form is None:
            continue
        try:
            read_form(form.encode(), functions=functions or None)
        except InvalidInput as wrong:
            report.error(
                "form-invalid",
                describe_node(node, process),
                Words(
                    f"carries a form that cannot be used: {shorten(wrong.message, 200)}",
                    f"内嵌的表单无法使用：{shorten(in_chinese(wrong), 200)}",
                ),
                Words("Mend the form in the form editor.", "请在表单编辑器中修改表单。"),
            )

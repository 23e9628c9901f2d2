"""Forms on pages: what is drawn can be posted, and what was posted is drawn again, nothing lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html
from starlette.datastructures import FormData, UploadFile

from api.i18n import Language
from api.pages.environment import environment
from api.pages.forms.fields import Field, FieldMaker
from api.pages.forms.posting import is_reshaping, read_values
from engine.models.forms import Host, read_form
from tests.rich_form import RICH_FORM

FORM = read_form(RICH_FORM)
PHOTO = {"id": "018f0000-0000-7000-8000-000000000001", "name": "照片.png", "type": "image/png", "size": 2_400}
VALUES: dict[str, Any] = {
    "name": "李 <script>alert(1)</script>",
    "applicant": {"note": "第一行\n第二行 “引号” & 其他"},
    "amount": 12.5,
    "day": "2026-11-21",
    "moment": "2026-11-21T09:30",
    "unit": "water",
    "level": 2,
    "urgent": True,
    "reason": "有人被困",
    "tags": ["a", "c"],
    "contact": {"phone": "0571-8888 0000"},
    "items": [{"title": "身份证", "original": True}, {"title": "申请表", "original": False}],
    "files": [PHOTO],
}


def test_what_is_drawn_is_read_back_as_it_was_but_for_what_is_only_shown() -> None:
    drawn = draw({**VALUES, "number": "A-1"})

    posted = post(drawn)

    assert read(posted) == VALUES


def test_a_ticked_condition_shows_its_field_and_an_unticked_one_hides_it() -> None:
    shown = {field.name: field.hidden for field in fields(VALUES)}
    hidden = {field.name: field.hidden for field in fields({**VALUES, "urgent": False})}

    assert shown["reason"] is False
    assert hidden["reason"] is True


def test_a_hidden_field_stays_on_the_page_so_that_it_can_come_back() -> None:
    drawn = draw({**VALUES, "urgent": False})

    (holder,) = drawn.xpath('//*[@data-field="reason"]')

    assert "hidden" in holder.attrib
    assert holder.xpath(".//input")[0].value == "有人被困"


def test_what_people_typed_never_becomes_markup() -> None:
    markup = render(fields(VALUES))

    assert "<script>" not in markup
    assert "&lt;script&gt;" in markup
    assert "<b>全部</b>" not in markup


def test_labels_options_and_texts_are_in_the_readers_language() -> None:
    english = render(fields(VALUES, language="en"), language="en")
    chinese = render(fields(VALUES))

    assert "Full name" in english
    assert "Water" in english
    assert "Please fill in everything." in english
    assert "姓名" in chinese
    assert "供水" in chinese


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [("12", 12), (" 1.50 ", 1.5), ("１２", 12), ("zwölf", "zwölf"), ("1e400", "1e400"), ("", None)],
)
def test_a_number_is_read_as_one_and_anything_else_stays_what_was_typed(typed: str, read_as: object) -> None:
    values = read(FormData([("amount", typed)]))

    assert values["amount"] == read_as


def test_an_option_keeps_its_own_type_and_a_strange_one_stays_text_to_be_refused() -> None:
    chosen = read(FormData([("level", "2"), ("unit", "moon")]))

    assert chosen["level"] == 2
    assert chosen["unit"] == "moon"


def test_rows_are_read_in_order_and_gaps_are_closed() -> None:
    posted = FormData([("items", "rows"), ("items[7]", "row"), ("items[7].title", "二"), ("items[2].title", "一")])

    values = read(posted)

    assert [row["title"] for row in values["items"]] == ["一", "二"]


def test_an_emptied_list_is_told_from_one_that_was_not_on_the_page() -> None:
    emptied = read(FormData([("items", "rows")]))
    absent = read(FormData([("name", "x")]))

    assert emptied["items"] == []
    assert "items" not in absent


def test_a_row_is_added_and_removed_without_scripts() -> None:
    rows = [("items", "rows"), ("items[0].title", "一"), ("items[1].title", "二")]

    added = read(FormData([*rows, ("add-row", "items")]))
    removed = read(FormData([*rows, ("remove-row", "items[0]")]))

    assert [row.get("title") for row in added["items"]] == ["一", "二", None]
    assert [row["title"] for row in removed["items"]] == ["二"]
    assert is_reshaping(FormData([("add-row", "items")]))
    assert not is_reshaping(FormData(rows))


def test_a_file_is_taken_once_and_an_empty_file_field_is_none() -> None:
    posted = FormData([("files", PHOTO["id"]), ("files", PHOTO["id"]), ("files", UploadFile(file=None, filename=""))])  # type: ignore[arg-type]

    values = read(posted)

    assert values["files"] == [PHOTO]


def test_a_problem_stands_at_its_field_and_is_tied_to_it_for_screen_readers() -> None:
    drawn = draw(VALUES, problems={"items[1].title": "请填写此项。"})

    field = drawn.get_element_by_id("f-items[1].title")

    assert field.get("aria-invalid") == "true"
    assert drawn.get_element_by_id(field.get("aria-describedby").split()[0]).text_content().strip() == "请填写此项。"


def test_every_field_has_a_label_of_its_own() -> None:
    drawn = draw(VALUES)

    for field in drawn.xpath("//input | //select | //textarea"):
        if field.get("type") in ("hidden", "radio", "checkbox"):
            continue
        assert drawn.xpath("//label[@for=$id]", id=field.get("id")), html.tostring(field)


def test_nothing_can_be_changed_by_somebody_who_only_looks() -> None:
    drawn = draw(VALUES, readonly=True)

    editable = [
        field
        for field in drawn.xpath("//input | //select | //textarea")
        if field.get("type") != "hidden" and "readonly" not in field.attrib and "disabled" not in field.attrib
    ]

    assert editable == []
    assert drawn.xpath("//button") == []


def test_a_time_with_an_offset_is_shown_by_the_sites_clock() -> None:
    (field,) = [f for f in fields({"moment": "2026-11-21T01:30Z"}) if f.name == "moment"]

    assert field.value == "2026-11-21T09:30"


def test_a_table_shows_its_rows_as_text() -> None:
    context = {"history": [{"at": "09:00", "what": "<i>来电</i>"}]}

    drawn = draw({}, context=context)

    assert drawn.xpath('//*[@data-field="tb"]//tbody//td')[1].text_content() == "<i>来电</i>"


def fields(
    values: Mapping[str, Any],
    *,
    language: Language = "zh",
    context: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    readonly: bool = False,
) -> tuple[Field, ...]:
    maker = FieldMaker(
        texts=FORM.texts(language),
        context=context or {},
        zone=ZoneInfo("Asia/Shanghai"),
        size=lambda count: f"{count} B",
        problems=problems or {},
        readonly=readonly,
        host=Host(),
    )
    return maker.level(FORM.components, values, context or {})


def render(shown: tuple[Field, ...], *, language: Language = "zh") -> str:
    source = (
        '{% import "forms/fields.html" as fields with context %}'
        "<form>{% for f in shown %}{{ fields.field(f) }}{% endfor %}</form>"
    )
    return environment(language).from_string(source).render(shown=shown, visit=None, csrf="")


def draw(values: Mapping[str, Any], **options: Any) -> html.HtmlElement:
    return html.fromstring(render(fields(values, **options)))


def post(drawn: html.HtmlElement) -> FormData:
    """What a browser sends for a form: nothing from templates, and not the line end that opens a textarea."""
    for template in drawn.xpath("//template"):
        template.drop_tree()
    long = {field.get("name") for field in drawn.xpath("//textarea")}
    return FormData([(n, str(v).removeprefix("\n") if n in long else str(v)) for n, v in drawn.form_values()])


def read(posted: FormData) -> dict[str, Any]:
    def take(field: str, entry: UploadFile | str) -> dict[str, object] | None:
        return PHOTO if entry == PHOTO["id"] else None

    return read_values(FORM.components, posted, context={}, host=Host(), take_file=take)


def test_texts_and_conditions_see_computed_fields_and_the_sites_functions() -> None:
    components = [
        {"type": "number", "key": "price"},
        {"type": "expression", "key": "total", "expression": "=double(price)"},
        {"type": "text", "id": "said", "text": "合计 {{total}} 元"},
        {"type": "text", "id": "dear", "text": "需复核", "conditional": {"hide": "=total < 100"}},
    ]
    form = read_form({"components": components})
    maker = FieldMaker(
        texts=form.texts("zh"),
        context={},
        zone=ZoneInfo("Asia/Shanghai"),
        size=str,
        host=Host(functions={"double": lambda value: None if value is None else value * 2}),
    )

    drawn = {field.name: field for field in maker.level(form.components, {"price": 30}, {})}

    assert [line.text for line in drawn["said"].paragraphs] == ["合计 60 元"]
    assert drawn["dear"].hidden
    assert not {field.name: field for field in maker.level(form.components, {"price": 50}, {})}["dear"].hidden

"""A form with every kind of field, as form-js writes it; for tests of what pages make of it."""

from __future__ import annotations

from typing import Any

RICH_FORM: dict[str, Any] = {
    "type": "default",
    "id": "rich",
    "components": [
        {
            "type": "text",
            "id": "intro",
            "text": "# 说明\n请如实填写 <b>全部</b> 内容。",
            "properties": {"text_en": "Please fill in everything."},
        },
        {
            "type": "textfield",
            "id": "t",
            "key": "name",
            "label": "姓名",
            "validate": {"required": True, "maxLength": 20},
            "properties": {"label_en": "Full name"},
        },
        {"type": "textarea", "id": "ta", "key": "applicant.note", "label": "备注", "description": "可换行"},
        {
            "type": "number",
            "id": "n",
            "key": "amount",
            "label": "金额",
            "decimalDigits": 2,
            "validate": {"min": 0, "max": 1000},
            "appearance": {"suffixAdorner": "元"},
        },
        {"type": "datetime", "id": "d", "key": "day", "label": "日期", "subtype": "date"},
        {"type": "datetime", "id": "dt", "key": "moment", "label": "时间", "subtype": "datetime"},
        {
            "type": "select",
            "id": "s",
            "key": "unit",
            "label": "单位",
            "values": [
                {"label": "道路", "label_en": "Roads", "value": "roads"},
                {"label": "供水", "label_en": "Water", "value": "water"},
            ],
        },
        {
            "type": "radio",
            "id": "r",
            "key": "level",
            "label": "等级",
            "values": [{"label": "一级", "value": 1}, {"label": "二级", "value": 2}],
        },
        {"type": "checkbox", "id": "c", "key": "urgent", "label": "紧急"},
        {
            "type": "textfield",
            "id": "why",
            "key": "reason",
            "label": "紧急原因",
            "conditional": {"hide": "=not(urgent = true)"},
            "validate": {"required": True},
        },
        {
            "type": "checklist",
            "id": "cl",
            "key": "tags",
            "label": "标签",
            "values": [{"label": "甲", "value": "a"}, {"label": "乙", "value": "b"}, {"label": "丙", "value": "c"}],
        },
        {
            "type": "group",
            "id": "g",
            "label": "联系",
            "path": "contact",
            "components": [
                {
                    "type": "textfield",
                    "id": "p",
                    "key": "phone",
                    "label": "电话",
                    "validate": {"validationType": "phone"},
                }
            ],
        },
        {
            "type": "dynamiclist",
            "id": "dl",
            "path": "items",
            "label": "材料",
            "defaultRepetitions": 1,
            "components": [
                {"type": "textfield", "id": "it", "key": "title", "label": "名称", "validate": {"required": True}},
                {"type": "checkbox", "id": "io", "key": "original", "label": "原件"},
            ],
        },
        {
            "type": "table",
            "id": "tb",
            "label": "往来",
            "dataSource": "=history",
            "columns": [{"key": "at", "label": "时间"}, {"key": "what", "label": "事项"}],
        },
        {"type": "filepicker", "id": "f", "key": "files", "label": "附件", "multiple": True, "accept": ".png,.pdf"},
        {"type": "textfield", "id": "ro", "key": "number", "label": "编号", "readonly": True},
    ],
}

"""Both languages are whole: every text of the sources has its Chinese, and no text says less than the other."""

from __future__ import annotations

import re

import pytest

from api.i18n import LANGUAGES, Language
from api.i18n.update import extract, load, unfinished
from api.pages.environment import TEMPLATES, environment

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def test_every_text_of_the_sources_stands_in_the_catalogue() -> None:
    missing = ids(extract()) - ids(load())

    assert not missing, f"run `python -m api.i18n.update`: {sorted(missing)[:5]}"


def test_no_text_of_the_catalogue_is_left_over() -> None:
    unused = ids(load()) - ids(extract())

    assert not unused, f"run `python -m api.i18n.update`: {sorted(unused)[:5]}"


def test_every_text_has_its_chinese_and_none_was_guessed() -> None:
    assert [message.id for message in unfinished(load())] == []


def test_the_sources_are_english() -> None:
    assert [text for text in ids(extract()) if _CHINESE.search(text)] == []


def test_a_translation_fills_in_what_its_source_fills_in() -> None:
    for message in load():
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in translated:
            assert set(_PLACEHOLDER.findall(text)) <= set(_PLACEHOLDER.findall(" ".join(sources))), message.id
            assert not _PLACEHOLDER.sub("", text).count("%("), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_can_be_read_in_every_language(language: Language) -> None:
    names = [path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")]

    for name in names:
        environment(language).get_template(name)

    assert len(names) > 25


def test_no_template_carries_a_script_a_style_or_an_event_handler() -> None:
    inline = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)

    found = {path.name: inline.findall(path.read_text("utf-8")) for path in TEMPLATES.rglob("*.html")}

    assert {name: hits for name, hits in found.items() if hits} == {}


def ids(catalog: object) -> set[str]:
    return {m.id if isinstance(m.id, str) else m.id[0] for m in catalog if m.id}  # type: ignore[attr-defined]

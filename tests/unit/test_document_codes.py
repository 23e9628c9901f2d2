"""Verification codes: one form, no guessing, and typos are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.document_codes import ALPHABET, new_code, read_code
from engine.errors import InvalidInput

CODES = st.builds(new_code)


@given(CODES)
def test_a_new_code_reads_as_itself_however_it_is_typed(code: str) -> None:
    spaced = f"  {code.replace('-', ' ').lower()} "
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in code)

    assert read_code(code) == read_code(spaced) == read_code(full_width) == read_code(code.replace("-", "")) == code


@given(CODES, st.integers(0, 15), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(code: str, place: int, wrong: str) -> None:
    plain = code.replace("-", "")
    mistyped = plain[:place] + wrong + plain[place + 1 :]

    if wrong == plain[place]:
        assert read_code(mistyped) == code
    else:
        with pytest.raises(InvalidInput, match="typo"):
            read_code(mistyped)


@given(CODES, st.integers(0, 15), st.integers(0, 15))
def test_any_two_characters_that_changed_places_are_noticed(code: str, one: int, other: int) -> None:
    plain = list(code.replace("-", ""))
    same = plain[one] == plain[other]
    plain[one], plain[other] = plain[other], plain[one]

    if same:
        assert read_code("".join(plain)) == code
    else:
        with pytest.raises(InvalidInput, match="typo"):
            read_code("".join(plain))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "16 characters but got 0"),
        ("ABCD", "16 characters but got 4"),
        ("O000-2222-3333-4444", "without 0, 1, I and O but got 0, O"),
        ("中文", "but got 中, 文"),
        ("A" * 100_000, "16 characters"),
    ],
)
def test_what_cannot_be_a_code_is_refused_with_the_reason(typed: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        read_code(typed)

    assert refused.value.problems[0].field == "code" and refused.value.problems[0].message_zh


def test_codes_differ() -> None:
    assert len({new_code() for _ in range(10_000)}) == 10_000

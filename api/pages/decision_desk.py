"""Decisions: which are deployed, one of them as people read it, and trying it with values of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from starlette.datastructures import FormData

from api.downloads import download_headers
from api.pages import drafts
from api.pages.decision_answers import ShownAnswer, shown_answer
from api.pages.decision_inputs import Trial, TrialForm, is_ours, typed_as
from api.pages.decision_sheet import Sheet
from api.pages.decision_words import DecisionWords
from api.pages.environment import path_part
from api.pages.forms import posted_form
from api.pages.visit import SignedInVisit, Visit
from engine.decision_views import DecisionDetail, DecisionRow, DecisionSummary
from engine.errors import BudgetExceeded, ExpressionError, InvalidInput

router = APIRouter(prefix="/decisions")

_PAGE: Final = 50
_MOST_DECIDED: Final = 100
Posted = Annotated[FormData, Depends(posted_form)]
Version = Annotated[int | None, Query(ge=1, le=10**9)]


@dataclass(frozen=True, kw_only=True)
class _Page:
    """Some of the decisions, and where the next begin."""

    items: Sequence[DecisionSummary]
    next_cursor: str


@router.get("")
def decisions(
    visit: SignedInVisit,
    search: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str, Query(pattern=r"^\d{0,9}$")] = "",
) -> Response:
    """The latest version of every decision."""
    rows = [row for row in visit.reader.decisions() if _is_found(row, search)]
    first = int(cursor or 0)
    page = _Page(
        items=visit.reader.decision_summaries(rows[first : first + _PAGE]),
        next_cursor=str(first + _PAGE) if len(rows) > first + _PAGE else "",
    )
    return visit.render(
        "decisions/list.html",
        page=page,
        search=search,
        names=visit.names(one.row.deployed_by for one in page.items),
        words_of=lambda one: DecisionWords.of(visit, one.definition_id),
        may_deploy=visit.by.has("designer", "administrator"),
    )


@router.post("/draft/try")
def try_draft(visit: SignedInVisit, posted: Posted) -> Response:
    """Try a decision of files that were checked and are not deployed; they travel with the form."""
    files = drafts.of_form(posted)
    detail = visit.reader.draft_decision(files, str(posted.get("key", "")))
    return _decision(visit, detail, _values_of(posted.multi_items()), asks="ask" in posted, draft=files)


@router.get("/{key}")
def decision_page(
    visit: SignedInVisit,
    key: str,
    version: Version = None,
    against: Version = None,
    case: Annotated[str, Query(max_length=100)] = "",
    evaluation: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """One decision; with values in the address, or with those of a case, also what comes of them."""
    detail = visit.reader.decision(key, version=version, against=against)
    sent = _values_of(visit.request.query_params.multi_items())
    if case and not sent:
        sent = _values_in(visit, detail, case, evaluation)
    return _decision(visit, detail, sent, asks="ask" in visit.request.query_params or any(sent.values()))


@router.post("/{key}")
def try_decision(visit: SignedInVisit, key: str, posted: Posted, version: Version = None) -> Response:
    """Try it: on to the address that says with which values, unless they are too many for an address."""
    detail = visit.reader.decision(key, version=version)
    sent = _values_of(posted.multi_items())
    words = DecisionWords.of(visit, detail.definition_id)
    trial = TrialForm(detail.fields, words).read(sent)
    if trial.problems or not trial.is_short:
        return _decision(visit, detail, sent, asks=True)
    return visit.go(_address(detail, trial) + "#answer")


@router.get("/{key}/file")
def decision_file(visit: SignedInVisit, key: str, version: Version = None) -> Response:
    """The file that the decision stands in, as it was uploaded."""
    row, content = visit.reader.decision_file(key, version=version)
    headers = download_headers(PurePosixPath(row.path).name)
    return Response(content, media_type="application/octet-stream", headers=headers)


def _decision(
    visit: Visit,
    detail: DecisionDetail,
    sent: Mapping[str, Sequence[str]],
    *,
    asks: bool,
    draft: Mapping[str, bytes] | None = None,
) -> Response:
    words = DecisionWords.of(visit, detail.definition_id)
    trial = TrialForm(detail.fields, words).read(sent)
    answer, failure = (None, "") if not asks or trial.problems else _ask(visit, detail, trial, words, draft)
    return visit.render(
        "decisions/detail.html",
        status=422 if asks and trial.problems else 200,
        detail=detail,
        draft=drafts.fields(draft) if draft else None,
        row=detail.row,
        words=words,
        sheet=Sheet(words, detail.model, detail.findings, answer.lit if answer else ()),
        trial=trial,
        asked=asks,
        answer=answer,
        failure=failure,
        link=_address(detail, trial) if answer and trial.is_short and not draft else "",
        names=visit.names([detail.row.deployed_by, *(one.deployed_by for one in detail.versions)]),
        may_deploy=visit.by.has("designer", "administrator"),
    )


def _ask(
    visit: Visit, detail: DecisionDetail, trial: Trial, words: DecisionWords, draft: Mapping[str, bytes] | None
) -> tuple[ShownAnswer | None, str]:
    """The answer, or why there is none."""
    row = detail.row
    try:
        if draft:
            answer = visit.reader.evaluate_draft(draft, row, trial.inputs)
        else:
            answer = visit.reader.evaluate_decision(row.key, trial.inputs, version=row.version, explains=True)
    except BudgetExceeded as error:
        said = visit.gettext("It takes too long or makes too much; have it go through fewer items. (%(reason)s)")
        return None, said % {"reason": error.message}
    except (ExpressionError, InvalidInput) as error:
        return None, error.message
    return shown_answer(answer, detail.element, words), ""


def _address(detail: DecisionDetail, trial: Trial) -> str:
    version = "" if detail.row.is_latest else f"version={detail.row.version}&"
    return f"/decisions/{path_part(detail.row.key)}?{version}ask=1{'&' if trial.query else ''}{trial.query}"


def _values_of(items: Sequence[tuple[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in items:
        if isinstance(value, str) and is_ours(name):
            found.setdefault(name, []).append(value)
    return found


def _values_in(visit: Visit, detail: DecisionDetail, case: str, evaluation: str) -> dict[str, list[str]]:
    """What was given when a visible case was decided; nothing if it is too long ago, or erased."""
    for one in visit.reader.evaluations(case, limit=_MOST_DECIDED).items:
        if one.id == evaluation and one.decision_id == detail.row.key:
            return typed_as(one.inputs, detail.fields)
    return {}


def _is_found(row: DecisionRow, search: str) -> bool:
    wanted = search.strip().casefold()
    return not wanted or any(wanted in text.casefold() for text in (row.name, row.key, row.application, row.path))

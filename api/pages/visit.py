"""One request of one person: who asks, in which language, and how to answer with a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import __version__
from api.embedded_bots import BOTS
from api.i18n import Language, choose_language, texts
from api.pages import elements, menu, notices, timeline, words
from api.pages.environment import environment
from api.security import csrf_token, current_principal, require_person, signed_in
from engine import Engine
from engine.access import STAFF
from engine.commands import Command
from engine.contracts.documents import IssuedDocument
from engine.contracts.principal import SYSTEM, Principal
from engine.errors import Forbidden, NotFound
from engine.reader import Reader
from engine.views import ActivityRow, Attachment, DefinitionRow, InstanceDetail, TaskRow

SOURCE = "https://github.com/civiflow/civiflow"
_YEAR = 365 * 86_400


class Visit:
    """A request with what every page needs. `principal` is None only before signing in."""

    def __init__(self, request: Request, principal: Principal | None) -> None:
        self.request = request
        self.principal = principal
        self.engine: Engine = request.app.state.engine
        self.language = _language(request)
        self.texts = texts(self.language)
        self.gettext = self.texts.gettext
        self.now: datetime = self.engine.now()
        self.zone: ZoneInfo = self.engine.zone
        self._known_texts: dict[str, Mapping[str, str]] = {}

    @property
    def by(self) -> Principal:
        """The one who asks; for pages behind the sign-in."""
        assert self.principal is not None
        return self.principal

    @cached_property
    def reader(self) -> Reader:
        """What this person may see."""
        return self.engine.read(self.by)

    def execute(self, command: Command, *, key: str | None = None) -> Any:
        """Ask the engine for a change in this person's name."""
        return self.engine.execute(command, by=self.by, key=key)

    def render(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page. Nothing of it may be kept by the browser or on the way: cases are private."""
        markup = environment(self.language).get_template(template).render(**self._around(), **values)
        response = HTMLResponse(markup, status_code=status, headers={"Cache-Control": "no-store"})
        response.headers["Content-Language"] = "zh-Hans" if self.language == "zh" else "en"
        self._keep_language(response)
        if notices.COOKIE in self.request.cookies:
            response.delete_cookie(notices.COOKIE, path="/")
        return response

    def go(self, path: str, *, notice: str = "", name: str = "") -> RedirectResponse:
        """Send the browser on after a change, so that reloading repeats nothing."""
        response = RedirectResponse(path, status_code=303)
        if notice:
            response.set_cookie(
                notices.COOKIE,
                notices.encode(notice, name),
                max_age=60,
                httponly=True,
                samesite="lax",
                secure=self.request.url.scheme == "https",
            )
        return response

    def here(self, **changes: str) -> str:
        """The present address with other query values; '' removes one."""
        values = dict(parse_qsl(self.request.url.query)) | changes
        kept = {name: value for name, value in values.items() if value != ""}
        return f"{self.request.url.path}?{urlencode(kept)}" if kept else self.request.url.path

    def issued_among(self, files: Sequence[Attachment]) -> Mapping[str, IssuedDocument]:
        """Which of a case's files were issued as documents: file id → entry of the register."""
        if not files or not files[0].instance_id:
            return {}
        documents = self.reader.documents_of(files[0].instance_id)
        return {each.file.id: each for each in documents if each.file is not None}

    def names(self, usernames: Iterable[str | None]) -> Mapping[str, str]:
        """Display names of people in the reader's language, for those the reader may know."""
        wanted = {name for name in usernames if name}
        found = self.reader.names(wanted) if wanted else {}
        return {
            username: (english or name or username) if self.language == "en" else (name or username)
            for username, (name, english) in found.items()
        }

    def called(self, names: Mapping[str, str], username: str | None) -> str:
        """How a person is called here: by name; to citizens, colleagues of the city have none."""
        if username and username in names:
            return names[username]
        if username in {SYSTEM.id, BOTS.id} and not self.is_citizen:
            return self.gettext("the system") if username == SYSTEM.id else self.gettext("Civiflow's bots")
        return self.gettext("the staff") if self.is_citizen else username or "–"

    @cached_property
    def group_names(self) -> Mapping[str, str]:
        """Names of candidate groups in the reader's language."""
        groups = self.reader.groups()
        return {g.key: (g.name_en if self.language == "en" else g.name) or g.name or g.key for g in groups}

    @cached_property
    def department_names(self) -> Mapping[str, str]:
        """Names of organisational units in the reader's language."""
        found = self.reader.departments()
        return {d.key: (d.name_en if self.language == "en" else d.name) or d.name or d.key for d in found}

    def groups_in_words(self, keys: Iterable[str]) -> str:
        """Names of groups as one line."""
        return self.gettext(", ").join(self.group_names.get(key, key) for key in keys)

    @property
    def is_citizen(self) -> bool:
        """Whether the person only has cases of their own: they see stages, not who did what inside."""
        return self.by.has("citizen") and not self.by.has(*STAFF)

    @cached_property
    def my_name(self) -> str:
        """How the bar calls the person."""
        return self.names([self.by.id]).get(self.by.id) or self.by.display_name or self.by.id

    def process_name(self, row: DefinitionRow) -> str:
        """A process's name in the reader's language."""
        return self._said(row.id, row.key, row.name) or row.key

    def process_name_of(self, definition_id: str, name: str) -> str:
        """The same where only the id and the model's own name are at hand."""
        key = definition_id.split(":", 1)[0]
        return self._said(definition_id, key, name) or key

    def said(self, definition_id: str, text: str) -> str:
        """A text of a model, such as its documentation, in the reader's language."""
        return str(self.texts_of(definition_id).get(text, text))

    def step_name(self, task: TaskRow) -> str:
        """A task's name in the reader's language."""
        return self.element_name(task.definition_id, task.element_id, task.name)

    def element_name(self, definition_id: str, element_id: str, name: str) -> str:
        """An element's name in the reader's language; its id where it has none."""
        return self._said(definition_id, element_id, name) or element_id

    def elements_of(self, definition_id: str) -> Sequence[tuple[str, str, str]]:
        """Elements of a definition in order: id, name, kind in words."""
        try:
            detail = self.reader.definition(definition_id)
        except (NotFound, Forbidden):
            return ()
        return elements.listed(detail, self.texts, self._said)

    def steps_of(self, case: InstanceDetail) -> Sequence[timeline.Step]:
        """The lines of a case's timeline."""
        return timeline.steps(case, name_of=self._names_in(case), span=self.span)

    def stages_of(self, case: InstanceDetail) -> Sequence[timeline.Stage]:
        """The stops of the list that citizens see."""
        received, closed = self.gettext("Received"), self.gettext("Closed")
        return timeline.stages(case, name_of=self._names_in(case), received=received, closed=closed)

    def _names_in(self, case: InstanceDetail) -> Callable[[ActivityRow], str]:
        return lambda activity: self.element_name(case.row.definition_id, activity.element_id, activity.name)

    def _said(self, definition_id: str, key: str, name: str) -> str:
        known = self.texts_of(definition_id)
        return str(known.get(name) or known.get(key) or name)

    def texts_of(self, definition_id: str) -> Mapping[str, str]:
        """Translations that came with a definition, text → text; {} where there are none."""
        if definition_id not in self._known_texts:
            try:
                self._known_texts[definition_id] = self.reader.texts(definition_id, self.language)
            except (NotFound, Forbidden):
                self._known_texts[definition_id] = {}
        return self._known_texts[definition_id]

    def deadline(self, due: datetime | None, *, ended: datetime | None = None) -> words.Deadline | None:
        """What a due date means now."""
        return words.deadline(due, now=self.now, texts=self.texts, ended=ended)

    def when(self, instant: datetime | None) -> str:
        """An instant as people say it."""
        return words.when(instant, now=self.now, zone=self.zone, texts=self.texts)

    def in_full(self, instant: datetime) -> str:
        """An instant to the second."""
        return words.in_full(instant, zone=self.zone)

    def day(self, iso: str) -> str:
        """A date that stands in ISO 8601, as people write it."""
        return words.day(iso, texts=self.texts)

    def span(self, seconds: float | None) -> str:
        """A length of time in words."""
        return words.span(seconds, self.texts)

    def size(self, count: int) -> str:
        """A number of bytes in words."""
        return words.size(count, self.texts)

    def share(self, part: float | None) -> str:
        """A fraction of one as a percentage."""
        return words.share(part, self.texts)

    def number(self, value: float | None) -> str:
        """A number with thousands set apart."""
        return words.number(value, self.texts)

    def _around(self) -> dict[str, Any]:
        state = self.request.app.state
        return {
            "visit": self,
            "me": self.principal,
            "ways": menu.ways_for(self.principal) if self.principal else (),
            "unread": self._unread() if self.principal else 0,
            "csrf": csrf_token(self.request) if self.principal else "",
            "notice": notices.decode(self.request.cookies.get(notices.COOKIE, ""), self.texts),
            "demo": bool(getattr(state, "demo_accounts", None)),
            "version": __version__,
            "source_url": getattr(getattr(state, "settings", None), "source_url", "") or SOURCE,
        }

    def _unread(self) -> int:
        return int(self.reader.unread_count())

    def _keep_language(self, response: Response) -> None:
        if self.request.query_params.get("lang") == self.language:
            response.set_cookie("lang", self.language, max_age=_YEAR, samesite="lax", path="/")


def _language(request: Request) -> Language:
    settings = getattr(request.app.state, "settings", None)
    known = signed_in(request)
    return choose_language(
        request.query_params.get("lang"),
        request.cookies.get("lang"),
        known.locale if known else None,
        accept=request.headers.get("accept-language", ""),
        default=choose_language(getattr(settings, "language", None)),
    )


def _visit(request: Request, principal: Annotated[Principal, Depends(require_person)]) -> Visit:
    return Visit(request, principal)


def _anyone(request: Request) -> Visit:
    return Visit(request, current_principal(request))


SignedInVisit = Annotated[Visit, Depends(_visit)]
"""Pages behind the sign-in."""

AnyVisit = Annotated[Visit, Depends(_anyone)]
"""Pages that need nobody to be known."""

"""A request served on one trip to a thread: who asks, what is asked, the work, and the answer's bytes.

Handing work to another thread and its result back costs as much as a query. The framework makes one such trip for
the credentials and one for the endpoint, both of which ask the database. Here a small request's body is fetched
first, and then all the rest, the framework's own part included, runs through in one thread (`run_through`): of what
stands between the request and a blocking endpoint nothing has to wait.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any, Final, get_args, get_origin

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.params import Depends
from fastapi.routing import APIRoute

from api.threads import in_thread, run_through

_REQUEST: Final = "the_request"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

SMALL: Final = 64 * 1024
"""Bytes of a body that is fetched before it is known who sent it."""


class OneTripRoute(APIRoute):
    """The same route with all that blocks in one place, to be called by `on_one_trip`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, _in_this_thread(endpoint), **options)

    def handler(self, before: Callable[[Request], Coroutine[Any, Any, Any]]) -> Handler | None:
        """Serves small requests; None if something in the route has to wait.

        Args:
            before: what comes first, such as asking who calls.
        """
        if not _never_waits(self.dependant):
            return None
        answer = super().get_route_handler()

        async def all_of_it(request: Request) -> Response:
            await before(request)
            return await answer(request)

        async def on_one_trip(request: Request) -> Response:
            await request.body()
            return await in_thread(run_through, all_of_it(request))

        return on_one_trip


def is_small(headers: Mapping[str, str]) -> bool:
    """Whether a request carries nothing, or little JSON, and says so."""
    length = headers.get("content-length")
    if length is None:
        return "transfer-encoding" not in headers
    if not length.isdecimal() or int(length) > SMALL:
        return False
    return length == "0" or headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _in_this_thread(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint as a coroutine that does not wait.

    What is made of nothing but the request, it fetches by itself: for each such dependency the framework would look
    through path, query, headers and cookies for parameters of its.
    """
    signature = inspect.signature(endpoint, eval_str=True)
    fetched = {name: fetch for name, each in signature.parameters.items() if (fetch := _of_the_request(each))}
    asked = [each for each in signature.parameters.values() if each.name not in fetched]
    given = next((each.name for each in asked if each.annotation is Request), "")
    if not given:
        asked.append(inspect.Parameter(_REQUEST, inspect.Parameter.KEYWORD_ONLY, annotation=Request))

    async def called(**arguments: Any) -> Any:
        request = arguments[given] if given else arguments.pop(_REQUEST)
        for name, fetch in fetched.items():
            arguments[name] = await fetch(request)
        return endpoint(**arguments)

    called.__signature__ = signature.replace(parameters=asked)  # type: ignore[attr-defined]
    return called


def _of_the_request(parameter: inspect.Parameter) -> Callable[[Request], Coroutine[Any, Any, Any]] | None:
    """The coroutine function that a parameter depends on, if it takes the request and nothing else."""
    notes = get_args(parameter.annotation)[1:] if get_origin(parameter.annotation) is Annotated else ()
    for note in notes:
        if isinstance(note, Depends) and inspect.iscoroutinefunction(note.dependency):
            wanted = inspect.signature(note.dependency, eval_str=True).parameters.values()
            if [each.annotation for each in wanted] == [Request]:
                return note.dependency
    return None


def _never_waits(dependant: Dependant) -> bool:
    return all(inspect.iscoroutinefunction(each.call) and _never_waits(each) for each in dependant.dependencies)

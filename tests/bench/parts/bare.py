"""The least a web server of this kind can cost: four routes on FastAPI that give fixed bytes.

python -m tests.bench.parts.bare ANSWERS.json      # {"start": "…", "list": "…", "open": "…", "submit": "…"}
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel


class Start(BaseModel):
    """What a start carries."""

    definition: str
    variables: dict[str, Any] = {}


class Submit(BaseModel):
    """What a form carries."""

    variables: dict[str, Any] = {}


def application(answers: dict[str, str]) -> FastAPI:
    """The application; its bodies are read and checked, its answers are ready."""
    app = FastAPI()
    ready = {name: text.encode() for name, text in answers.items()}

    def answer(name: str, status: int = 200) -> Response:
        return Response(ready[name], status_code=status, media_type="application/json")

    @app.post("/api/v1/instances")
    async def start(body: Start) -> Response:
        return answer("start", 201)

    @app.get("/api/v1/tasks")
    async def listed(scope: str = "mine", limit: int = 50) -> Response:
        return answer("list")

    @app.get("/api/v1/tasks/{task_id}")
    async def opened(task_id: str) -> Response:
        return answer("open")

    @app.post("/api/v1/tasks/{task_id}/complete")
    async def submit(task_id: str, body: Submit) -> Response:
        return answer("submit")

    return app


def main() -> None:
    """Serve on a free port until killed."""
    answers = json.loads(Path(sys.argv[1]).read_text())
    if sys.argv[2:]:
        import sqlalchemy

        sqlalchemy.create_engine(sys.argv[2]).connect()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    host, port = listener.getsockname()
    print(f"ready at http://{host}:{port}", flush=True)
    uvicorn.Server(uvicorn.Config(application(answers), log_config=None, access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main()

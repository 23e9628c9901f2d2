"""`run`, `serve`, `work`, `schedule`: the processes of an installation."""

from __future__ import annotations

import signal
import socket
import threading
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.local import CONSOLE, Database, part
from api.cli.output import err, hint, out
from engine.errors import InvalidInput, WrongState

if TYPE_CHECKING:
    from types import FrameType

    from api.settings import Settings
    from engine import Engine

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on; default 127.0.0.1.")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="0 takes a free one; default 8000.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(run)
    app.command()(serve)
    app.command()(work)
    app.command()(schedule)


def run(
    demo: Annotated[bool, typer.Option("--demo", help="A database of its own with an invented city at work.")] = False,
    host: Host = None,
    port: Port = None,
    database: Database = None,
) -> None:
    """Run everything in one process: web server, bots, timers."""
    settings = _settings(host, port, database, demo=demo)
    _build_assets()
    _start_web(settings, beside=True, demo=demo)


def serve(host: Host = None, port: Port = None, database: Database = None) -> None:
    """Run the web server alone; any number may run beside each other."""
    settings = _settings(host, port, database)
    _build_assets()
    _start_web(settings, beside=False, demo=False)


def work(database: Database = None) -> None:
    """Run bots on due jobs."""
    _run_beside(_settings(None, None, database), "bots", work=True, tick=False)


def schedule(database: Database = None) -> None:
    """Fire timers and sweep."""
    _run_beside(_settings(None, None, database), "timers", work=False, tick=True)


def _settings(host: str | None, port: int | None, database: str | None, *, demo: bool = False) -> Settings:
    from api import logs
    from api.settings import Settings

    settings = Settings.from_environment(host=host, port=port, database=database)
    if demo and not settings.database:
        settings = replace(settings, database=f"sqlite:///{(settings.var / 'demo.db').absolute()}")
    settings = settings.prepared()
    logs.configure(settings.log_level, "console" if err.is_terminal else settings.log_format)
    return settings


def _start_web(settings: Settings, *, beside: bool, demo: bool) -> None:
    from api.wiring import open_engine, web_application

    listener = _listen(settings)
    port = listener.getsockname()[1]
    settings = replace(settings, port=port)  # a free one, if none was named
    url = settings.site_url
    accounts: tuple[Any, ...] = ()
    if demo:
        accounts = _seed(settings)
    engine = open_engine(settings)
    try:
        app = web_application(engine, settings, work=beside, tick=beside, demo_accounts=accounts)
        if not demo:
            _welcome(engine, url)
        _serve(app, settings, listener, url)
    finally:
        engine.close()


def _serve(app: Any, settings: Settings, listener: socket.socket, url: str) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            # the original also repeats the signal at the end, which ends the process before the engine is closed
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True
            app.state.job_news.close()  # nobody need wait for jobs any longer

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                out.print(f"Civiflow is ready at {url}", markup=False)

    loopback = listener.getsockname()[0] in {"127.0.0.1", "::1"}
    if not loopback and not settings.public_url.startswith("https://"):
        hint(
            "Signing in is refused over plain HTTP from other machines: put a TLS proxy in front and set "
            "CIVIFLOW_PUBLIC_URL=https://…"
        )
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=",".join(settings.trusted_proxies),
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,  # longer than proxies keep a connection: one must not send into one that just closed
        lifespan="on",
    )
    server = Server(config)
    server.run(sockets=[listener])
    if not server.started:
        raise InvalidInput("The web server could not start; the log says why.")


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio switches Nagle's delay off (40 ms an answer) only for sockets that say they are TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise InvalidInput(
            f"Expected to listen on {settings.host}:{settings.port} but {error.strerror}. Another program may "
            "listen there; `--port 0` takes a free one."
        ) from error
    listener.listen(128)
    listener.set_inheritable(True)
    return listener


def _seed(settings: Settings) -> tuple[Any, ...]:
    """Fill the demo's own database on the first start; gives its accounts for the sign-in page."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    ensure = part("api.demo", "ensure")
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[month]}"), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        months = progress.add_task("Playing half a year of an invented city (once)", total=1.0, month="", visible=False)
        demo = ensure(
            settings.database_url,
            zone=settings.zone,
            site_url=settings.site_url,
            progress=lambda share, day: progress.update(months, completed=share, month=f"{day:%B %Y}", visible=True),
        )
    out.print("Demo accounts, all with the password ", demo.password, sep="", markup=False)
    for area, accounts in groupby(demo.accounts, key=lambda account: account["area"]):
        out.print(area, markup=False)
        for account in accounts:
            out.print(f"  {account['username']:<18} {account['display_name']}  {account['role']}", markup=False)
    return tuple(demo.accounts)


def _welcome(engine: Engine, url: str) -> None:
    """On a first start, print the link by which an administrator sets a password; there is no default one."""
    from api.security import digest, fresh_token
    from engine import identity_commands as c
    from engine.contracts.principal import SYSTEM

    if engine.read(SYSTEM).has_administrator():
        return
    name = "admin"
    try:
        engine.execute(c.CreateUser(username=name, roles=("administrator",), display_name="管理员"), by=CONSOLE)
    except WrongState:
        engine.execute(c.UpdateUser(username=name, roles=("administrator",)), by=CONSOLE)
    token = fresh_token()
    engine.execute(c.CreateOneTimeLink(username=name, token_sha256=digest(token)), by=CONSOLE)
    out.print("Nobody administers this site yet. Set the password of the account 'admin' here, within a day:")
    out.print(f"  {url}/welcome/{token}", markup=False, soft_wrap=True)


def _run_beside(settings: Settings, what: str, *, work: bool, tick: bool) -> None:
    from api.wiring import Background, open_engine

    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    engine = open_engine(settings)
    try:
        background = Background(engine, settings, work=work, tick=tick)
        background.start()
        out.print(f"Civiflow runs {what}; Ctrl+C ends it.", markup=False)
        while not stopping.wait(1):
            if background.stopped(stopping):
                raise InvalidInput(f"Expected {what} to go on but they stopped; the log says why.")
        background.stop()
    finally:
        engine.close()


def _build_assets() -> None:
    """Build the browser's side if its sources changed; pages work without it, and say so."""
    from api import assets

    with err.status("Building the pages' scripts and styles (only when they change) …"):
        built = assets.build()
    if built.problem:
        hint(f"Pages run without diagrams: {built.problem}")

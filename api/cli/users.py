"""`users`: accounts and their credentials."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import CONSOLE, AsJson, Database, open_engine
from api.cli.output import hint, local, print_json, say, table

if TYPE_CHECKING:
    from engine import Engine

users = typer.Typer(help="Accounts, passwords and API tokens.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="The user name.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(users, name="users")


@users.command("list")
def list_users(
    search: Annotated[str, typer.Option("--search", help="Part of a name.")] = "",
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Accounts by user name."""
    with open_engine(database) as engine:
        page = engine.read(CONSOLE).users(search=search, limit=500)
    if as_json:
        print_json(page.items)
        return
    rows = [
        (
            u.username,
            u.display_name,
            ", ".join(u.roles),
            ", ".join(u.groups),
            "disabled" if u.disabled else "",
            local(u.last_sign_in_at, engine.zone),
        )
        for u in page.items
    ]
    table(("User", "Name", "Roles", "Groups", "", "Last signed in"), rows, empty="No accounts.")


@users.command()
def add(
    username: Username,
    name: Annotated[str, typer.Option("--name", help="Shown to people.")] = "",
    name_en: Annotated[str, typer.Option("--name-en", help="The same in English.")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", help="May be given again.")] = None,
    group: Annotated[list[str] | None, typer.Option("--group", help="May be given again; made if new.")] = None,
    topic: Annotated[list[str] | None, typer.Option("--topic", help="Makes it a bot of these job types.")] = None,
    password_stdin: Stdin = False,
    database: Database = None,
) -> None:
    """Make an account. Without a password a link is printed by which its owner sets one."""
    from api.security import check_new_password, clean_username, hash_password
    from engine import identity_commands as c

    password = _read_password() if password_stdin else ""
    if password:
        check_new_password(password, username=username)
    with open_engine(database) as engine:
        known = {row.key for row in engine.read(CONSOLE).groups()}
        for key in group or ():
            if key not in known:
                engine.execute(c.CreateGroup(key=key), by=CONSOLE)
        command = c.CreateUser(
            username=clean_username(username),
            kind="bot" if topic else "person",
            display_name=name,
            display_name_en=name_en,
            password_hash=hash_password(password) if password else "",
            roles=("bot",) if topic else tuple(role or ("staff",)),  # type: ignore[arg-type]
            groups=tuple(group or ()),
            topics=tuple(topic or ()),
        )
        user = engine.execute(command, by=CONSOLE)
        say(f"Made {user.username}.")
        if not password and not topic:
            _print_link(engine, user.username)


@users.command()
def disable(username: Username, database: Database = None) -> None:
    """Shut an account out: its sessions and API tokens end at once."""
    from engine.identity_commands import DisableUser

    with open_engine(database) as engine:
        engine.execute(DisableUser(username=username), by=CONSOLE)
    say(f"{username} is shut out.")


@users.command()
def enable(username: Username, database: Database = None) -> None:
    """Let a disabled account in again."""
    from engine.identity_commands import DisableUser

    with open_engine(database) as engine:
        engine.execute(DisableUser(username=username, disabled=False), by=CONSOLE)
    say(f"{username} may sign in again.")


@users.command()
def password(username: Username, password_stdin: Stdin = False, database: Database = None) -> None:
    """Print a link by which the owner sets a new password; or set it from stdin."""
    from api.security import check_new_password, hash_password
    from engine.identity_commands import SetPassword

    with open_engine(database) as engine:
        if not password_stdin:
            _print_link(engine, username)
            return
        new = _read_password()
        check_new_password(new, username=username)
        engine.execute(SetPassword(username=username, password_hash=hash_password(new)), by=CONSOLE)
    say(f"The password of {username} is set; it is signed out everywhere.")


@users.command()
def token(
    username: Username,
    name: Annotated[str, typer.Option("--name", help="What it is for.")] = "command line",
    topic: Annotated[list[str] | None, typer.Option("--topic", help="A bot's job types; default all of its.")] = None,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="read, write, metrics.")] = None,
    days: Annotated[int, typer.Option("--days", min=0, help="0: until it is revoked.")] = 365,
    database: Database = None,
) -> None:
    """Make an API token and print it, this once, on stdout."""
    from api.rest.users import TOKEN_PREFIX
    from api.security import digest, fresh_token
    from engine.identity_commands import IssueToken

    secret = TOKEN_PREFIX + fresh_token()
    with open_engine(database) as engine:
        owner = engine.read(CONSOLE).user(username)
        command = IssueToken(
            owner=username,
            name=name,
            token_sha256=digest(secret),
            prefix=secret[:12],
            scopes=tuple(scope or ("read", "write")),
            topics=tuple(topic or owner.topics),
            lifetime=timedelta(days=days) if days else None,
        )
        engine.execute(command, by=CONSOLE)
    hint("Shown this once; keep it like a password:")
    typer.echo(secret)


def _print_link(engine: Engine, username: str) -> None:
    from api.security import digest, fresh_token
    from engine.identity_commands import CreateOneTimeLink

    secret = fresh_token()
    engine.execute(CreateOneTimeLink(username=username, token_sha256=digest(secret)), by=CONSOLE)
    hint("Good once, within a day; put the site's address in front:")
    typer.echo(f"/welcome/{secret}")


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")

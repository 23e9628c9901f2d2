"""Write the locked requirements, and tell without a network whether they still fit pyproject.toml.

    python requirements/lock.py write [--upgrade]    needs uv and a package index
    python requirements/lock.py check                needs neither

`lock.txt` is what running needs, the build tools included; `dev.txt` is the same versions plus
every extra and the developers' tools. Both carry a hash for every file and no index address, so
they work with whichever index the machine is set up for.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements/lock.txt"
DEV = "requirements/dev.txt"

PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^\s;]+)", re.MULTILINE)


def declared(root: Path) -> tuple[list[Requirement], list[Requirement]]:
    """What pyproject.toml asks for.

    Returns:
        The requirements of running and building, and those of the extras and the developers.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    groups, extras = project["dependency-groups"], project["project"]["optional-dependencies"]
    running = [*project["project"]["dependencies"], *groups["build"]]
    developing = [*groups["dev"], *(line for lines in extras.values() for line in lines)]
    return [Requirement(line) for line in running], [Requirement(line) for line in developing]


def pins(text: str) -> dict[str, tuple[str, str]]:
    """The entries of a locked file: name -> (version, the lines that follow: hashes, and who asked)."""
    found = list(PIN.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {
        canonicalize_name(match["name"]): (match["version"], text[match.end() : end])
        for match, end in zip(found, ends, strict=True)
    }


def problems_of(name: str, text: str, requirements: Iterable[Requirement]) -> list[str]:
    """What is wrong with one locked file, in sentences; [] when it fits the requirements."""
    locked, wanted = pins(text), {canonicalize_name(each.name): each for each in requirements}
    found = [
        f"{name}: expected a hash for {each}, but there is none."
        for each, (_, body) in locked.items()
        if "--hash=sha256:" not in body
    ]
    for each, requirement in wanted.items():
        if each not in locked:
            found.append(f"{name}: expected {requirement}, but it is not there.")
        elif not requirement.specifier.contains(Version(locked[each][0]), prereleases=True):
            found.append(f"{name}: expected {requirement}, but it holds {locked[each][0]}.")
    # uv notes who asked for a package; one that only pyproject.toml asked for may have been dropped there
    dropped = [each for each, (_, body) in locked.items() if "(pyproject.toml" in body and each not in wanted]
    return found + [f"{name}: {each} is locked, but pyproject.toml no longer asks for it." for each in dropped]


def check(root: Path = ROOT) -> list[str]:
    """What is wrong with the locked files under `root`, in sentences; [] when all is well."""
    running, developing = declared(root)
    lock, dev = ((root / path).read_text(encoding="utf-8") for path in (LOCK, DEV))
    found = problems_of(LOCK, lock, running) + problems_of(DEV, dev, [*running, *developing])
    tools = pins(dev)
    for name, (version, _) in pins(lock).items():
        if tools.get(name, ("nothing",))[0] != version:
            found.append(f"{DEV}: expected {name}=={version} as in {LOCK}, but it holds another.")
    return found


def write(arguments: Sequence[str]) -> None:
    """Resolve both files anew; versions already locked stay unless `--upgrade` is given."""
    common = [
        *("uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal", "--python-version", "3.11"),
        *("--generate-hashes", "--no-emit-index-url", "--custom-compile-command", "make lock"),
        *("--group", "build", *arguments),
    ]
    subprocess.run([*common, "--output-file", LOCK], cwd=ROOT, check=True)
    more = ["--all-extras", "--group", "dev", "--constraints", LOCK, "--output-file", DEV]
    subprocess.run([*common, *more], cwd=ROOT, check=True)


def main(arguments: Sequence[str]) -> int:
    match list(arguments):
        case ["write", *rest]:
            write(rest)
            return 0
        case ["check"]:
            found = check()
            print(*found, *(["Run `make lock` and commit both files."] if found else []), sep="\n", end="")
            return 1 if found else 0
        case _:
            print(__doc__)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Process applications: a folder of data, checked as a whole and installed as one deployment.

repair_dispatch/
    app.yaml            key, name, version, description, groups, settings
    *.bpmn, *.dmn       models
    forms/*.json        form-js schemas
    templates/*         documents
    texts/*.yaml        translations: text → text
    scenarios/*.yaml    tests; stay behind when the application is installed
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from engine.commands import DeployDefinition
from engine.contracts.principal import Principal, Role
from engine.errors import InvalidInput
from engine.identity_commands import CreateGroup
from engine.settings import APP_FILE
from engine.views import Deployment
from engine.yaml_files import Section, plain, read_yaml, shown

if TYPE_CHECKING:
    from engine.engine import Engine

MAX_FILES: Final = 200
MAX_BYTES: Final = 30_000_000

_KEY: Final = re.compile(r"[A-Za-z_][\w.-]{0,99}", re.ASCII)
_MODELS: Final = frozenset({".bpmn", ".dmn"})
_FOLDERS: Final[Mapping[str, frozenset[str]]] = {
    "forms": frozenset({".json", ".form"}),
    "templates": frozenset(),
    "texts": frozenset({".yaml"}),
}
_LEFT_OUT: Final = frozenset({"scenarios"})
_ROLES: Final = frozenset({"citizen", "staff", "supervisor", "manager", "designer", "administrator"})


@dataclass(frozen=True, kw_only=True)
class NeededGroup:
    """A candidate group the application's tasks go to, and the role its members need."""

    key: str
    name: str = ""
    name_en: str = ""
    role: Role = "staff"


@dataclass(frozen=True, kw_only=True)
class Application:
    """A process application, read and checked.

    Args:
        key: names it for ever; a later version has the same key.
        name, description: by language, 'zh' and 'en'.
        version: as its authors count, such as '1.2.0'.
        groups: what it needs to find at the site.
        settings: what FEEL and forms see as `settings`.
        files: path → content, everything that is deployed.
    """

    key: str
    name: Mapping[str, str]
    version: str
    description: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[NeededGroup, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


def load_application(folder: Path) -> Application:
    """Read a process application.

    Raises:
        InvalidInput: something in it cannot be meant; names file and line.
    """
    files = _read_files(folder)
    if APP_FILE not in files:
        raise InvalidInput(f"Expected {APP_FILE} in the folder {folder.name} but there is none.")
    top = read_yaml(files[APP_FILE], APP_FILE)
    top.only("key", "name", "version", "description", "groups", "settings")
    if not any(path.endswith(".bpmn") for path in files):
        raise InvalidInput(f"Expected at least one .bpmn file in the folder {folder.name} but there is none.")
    for path, content in files.items():
        if path.startswith("texts/"):
            _check_texts(read_yaml(content, path))
    return Application(
        key=_key(top),
        name=_by_language(top, "name"),
        version=_version(top),
        description=_by_language(top, "description"),
        groups=tuple(_group(each) for each in top.sections("groups")),
        settings=plain(top.section("settings")),
        files=files,
    )


def install(engine: Engine, folder: Path, by: Principal) -> Deployment:
    """Install an application, or give the installed deployment back when nothing has changed.

    Groups it needs and the site has not are made, if `by` is an administrator; existing ones stay as they are.

    Raises:
        InvalidInput, InvalidModel: it cannot be deployed as it is.
        Forbidden: only designers and administrators deploy.
    """
    application = load_application(folder)
    deployment: Deployment = engine.execute(
        DeployDefinition(
            files=application.files,
            name=application.name.get("zh") or application.key,
            application=application.key,
            only_if_changed=True,
        ),
        by=by,
    )
    if by.has("administrator"):
        known = {group.key for group in engine.read(by).groups()}
        for group in application.groups:
            if group.key not in known:
                engine.execute(CreateGroup(key=group.key, name=group.name, name_en=group.name_en), by=by)
    return deployment


def _read_files(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise InvalidInput(f"Expected the folder of a process application but {folder} is none.")
    files: dict[str, bytes] = {}
    size = 0
    for path, name in sorted(_walk(folder), key=lambda found: found[1]):
        size += path.stat().st_size
        if len(files) >= MAX_FILES or size > MAX_BYTES:
            raise InvalidInput(
                f"Expected at most {MAX_FILES} files and {MAX_BYTES // 1_000_000} MB in the application {folder.name}."
            )
        files[name] = path.read_bytes()
    return files


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files that are deployed, with their path inside the folder; links and strange files are refused."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        top, _, rest = name.partition("/")
        if any(part.startswith(".") for part in name.split("/")) or top in _LEFT_OUT or path.suffix == ".md":
            continue
        if path.is_symlink():
            raise InvalidInput(f"Expected plain files in the application but {name} is a link.")
        if path.is_dir():
            continue
        if not _belongs(top, rest, path.suffix):
            raise InvalidInput(
                f"Expected {APP_FILE}, .bpmn and .dmn files, forms/*.json, templates/*, texts/*.yaml and "
                f"scenarios/*.yaml in the application but found {name}."
            )
        yield path, name


def _belongs(top: str, rest: str, suffix: str) -> bool:
    if not rest:
        return top == APP_FILE or suffix in _MODELS
    allowed = _FOLDERS.get(top)
    return allowed is not None and (not allowed or suffix in allowed)


def _key(top: Section) -> str:
    key = top.text("key")
    if not _KEY.fullmatch(key):
        raise top.wrong("key", "a key of Latin letters, digits, '_', '.' and '-'")
    return key


def _version(top: Section) -> str:
    value = top.get("version")
    if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value):
        return str(value)
    raise top.wrong("version", "a version such as 1.0.0")


def _by_language(top: Section, key: str) -> dict[str, str]:
    value = top.get(key)
    if value is None and key == "description":
        return {}
    if isinstance(value, str):
        return {"zh": value, "en": value}
    if not isinstance(value, Section) or not all(isinstance(text, str) for text in value.values()):
        raise top.wrong(key, "a text, or texts by language (zh, en)")
    value.only("zh", "en")
    return dict(value)


def _group(entry: Section) -> NeededGroup:
    entry.only("key", "name", "name_en", "role")
    role = entry.text("role", "staff")
    if role not in _ROLES:
        raise entry.wrong("role", f"one of {', '.join(sorted(_ROLES))}")
    return NeededGroup(
        key=entry.text("key"),
        name=entry.text("name", ""),
        name_en=entry.text("name_en", ""),
        role=cast("Role", role),
    )


def _check_texts(texts: Section) -> None:
    for key, value in texts.items():
        if not isinstance(value, str):
            raise InvalidInput(f"{texts.file}, line {texts.line_of(key)}: Expected a text but found {shown(value)}.")

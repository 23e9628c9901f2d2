"""Process application folders: read safely, refused by file and line, installed once a version."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import SYSTEM, Engine, Principal
from engine import commands as c
from engine.applications import install, load_application
from engine.errors import Forbidden, InvalidInput, InvalidModel
from engine.yaml_files import read_yaml

REPAIR = Path(__file__).parents[3] / "processes" / "repair_dispatch"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the packaged application that a test may spoil."""
    return Path(shutil.copytree(REPAIR, tmp_path / "repair_dispatch"))


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine.open() as opened:
        yield opened


def _refused(folder: Path) -> str:
    with pytest.raises(InvalidInput) as refused:
        load_application(folder)
    return refused.value.message


def test_the_packaged_application_is_read_whole() -> None:
    application = load_application(REPAIR)

    assert application.key == "repair_dispatch"
    assert application.name == {"zh": "城市问题上报与处置", "en": "Repair dispatch"}
    assert application.version == "1.0.0"
    assert {"acceptance_seat", "inspectors", "unit_roads"} <= {group.key for group in application.groups}
    assert application.settings["returns_before_arbitration"] == 2
    assert {"app.yaml", "repair_dispatch.bpmn", "forms/report.json", "texts/en.yaml"} <= set(application.files)


def test_scenarios_and_hidden_files_stay_behind(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "forms" / ".swp").write_bytes(b"x")
    (folder / "README.md").write_text("about")

    files = load_application(folder).files

    assert [
        path for path in files if path.startswith(("scenarios", ".")) or ".swp" in path or path.endswith(".md")
    ] == []


@pytest.mark.parametrize("name", ["bot.py", "forms/run.js", "scripts/a.sh", "texts/en.json"])
def test_files_without_a_meaning_are_refused_by_name(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")

    assert name in _refused(folder)


def test_links_are_refused(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (folder / "forms" / "stolen.json").symlink_to(secret)

    assert "forms/stolen.json is a link" in _refused(folder)


def test_a_linked_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.typ").write_text("x")
    (folder / "templates" / "more").symlink_to(tmp_path / "elsewhere")

    assert "templates/more is a link" in _refused(folder)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("key: repair_dispatch", "key: 维修", 4, "Expected a key of Latin letters"),
        ("version: 1.0.0", "version: [1]", 6, "Expected a version such as 1.0.0"),
        ("version: 1.0.0", "versoin: 1.0.0", 6, "found 'versoin'"),
        ("version: 1.0.0", "key: twice", 6, "'key' once"),
        ("role: supervisor", "role: boss", 16, "Expected one of administrator"),
        ("settings:\n", "settings: &all\n  again: *all\n", 24, "no aliases"),
        (
            "version: 1.0.0",
            "version: !!python/object/apply:os.system [ls]",
            6,
            "found tag tag:yaml.org,2002:python",
        ),
        ("version: 1.0.0", "version: 'open", None, "Expected YAML but expected <block end>"),
    ],
)
def test_mistakes_in_app_yaml_are_named_with_their_line(
    folder: Path, old: str, new: str, line: int | None, says: str
) -> None:
    text = (folder / "app.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "app.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")

    message = _refused(folder)

    assert says in message
    found = re.match(r"app\.yaml, line (\d+): ", message)
    assert found is not None
    assert line is None or int(found[1]) == line


def test_a_folder_without_app_yaml_or_model_is_refused(folder: Path) -> None:
    (folder / "repair_dispatch.bpmn").unlink()
    without_model = _refused(folder)
    (folder / "app.yaml").unlink()
    without_app = _refused(folder)

    assert "at least one .bpmn file" in without_model
    assert "Expected app.yaml" in without_app


@pytest.mark.parametrize("content", [b"[" * 5_000, b"\xff\xfe\x00", b"a: \x00", b"x" * 2_000_000, b"- 1\n- 2\n"])
def test_hostile_or_strange_yaml_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_yaml(content, "app.yaml")

    assert refused.value.message.startswith("app.yaml")


def test_installing_deploys_one_version_and_the_groups_it_needs(engine: Engine) -> None:
    deployment = install(engine, REPAIR, SYSTEM)

    (definition,) = deployment.definitions
    assert (definition.key, definition.version, definition.application) == ("repair_dispatch", 1, "repair_dispatch")
    assert {"acceptance_seat", "unit_water"} <= {group.key for group in engine.read(SYSTEM).groups()}
    assert [f for f in deployment.findings if f.severity == "error"] == []


def test_installing_the_same_again_changes_nothing_and_a_change_makes_a_version(engine: Engine, folder: Path) -> None:
    first = install(engine, folder, SYSTEM)
    (folder / "scenarios" / "more.yaml").write_text("name: later\nsteps: []\n")

    again = install(engine, folder, SYSTEM)
    text = (folder / "app.yaml").read_text(encoding="utf-8")
    (folder / "app.yaml").write_text(text.replace("acceptance_hours: 1", "acceptance_hours: 2"), encoding="utf-8")
    changed = install(engine, folder, SYSTEM)

    assert again.unchanged
    assert again.id == first.id
    assert not changed.unchanged
    assert changed.definitions[0].version == 2


def test_a_group_that_the_site_has_already_keeps_its_name(engine: Engine) -> None:
    from engine.identity_commands import CreateGroup

    engine.execute(CreateGroup(key="unit_water", name="水务集团", name_en="Aqua"), by=SYSTEM)

    install(engine, REPAIR, SYSTEM)

    names = {group.key: group.name for group in engine.read(SYSTEM).groups()}
    assert names["unit_water"] == "水务集团"
    assert names["unit_roads"] == "市政道路养护所"


def test_staff_cannot_install_and_a_broken_model_installs_nothing(engine: Engine, folder: Path) -> None:
    staff = Principal(id="li", roles=frozenset({"staff"}))
    with pytest.raises(Forbidden):
        install(engine, folder, staff)
    model = (folder / "repair_dispatch.bpmn").read_text(encoding="utf-8")
    (folder / "repair_dispatch.bpmn").write_text(
        model.replace('=decision = "file"', '=decision = "file'), encoding="utf-8"
    )

    with pytest.raises(InvalidModel):
        install(engine, folder, SYSTEM)

    assert engine.read(SYSTEM).definitions() == ()


def test_choices_of_forms_come_from_the_settings_before_a_case_exists(engine: Engine) -> None:
    install(engine, REPAIR, SYSTEM)

    form = engine.read(SYSTEM).start_form("repair_dispatch")

    assert form is not None
    category = next(each for each in form["components"] if each.get("key") == "category")
    assert "valuesExpression" not in category
    assert {"label": "公用设施 / 路灯不亮", "label_en": "Utilities / Street lamp out", "value": "0103"} in category[
        "values"
    ]


def test_a_citizen_cannot_report_a_category_that_the_city_does_not_have(engine: Engine) -> None:
    install(engine, REPAIR, SYSTEM)
    citizen = Principal(id="wang", roles=frozenset({"citizen"}))
    report = {
        "description": "门口的路灯不亮", "category": "9999", "place": "海棠路 12 号",
        "reporter_name": "王一", "reporter_phone": "13900000001", "channel": "public",
    }  # fmt: skip

    with pytest.raises(InvalidInput) as refused:
        engine.execute(c.StartInstance(definition="repair_dispatch", variables=report), by=citizen)

    assert [problem.field for problem in refused.value.problems] == ["category"]

"""A saved plan as a file: whole or not at all, for its owner alone, and never believed when it was cut or edited."""

import hashlib
import json
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.cli import plan_file
from reconciler.cli.plan_file import SavedPlan, Selection, check_target, load
from reconciler.decide.identity import digest
from reconciler.model.errors import PlanFileError, ReconcileError

WRITES = ('{"op":"publish_version"}', "two")
PLAN = SavedPlan("fingerprint", None, ("123456789012",), Selection(("g",), ("f*",), ()), digest(WRITES), WRITES)


def save(path: str, plan: SavedPlan) -> None:
    """Saved beside a file that no test writes to."""
    plan_file.save(path, plan, config=os.devnull)


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    save(str(tmp_path / "plan"), PLAN)

    assert load(str(tmp_path / "plan")) == PLAN


def test_a_plan_that_an_earlier_program_saved_in_this_format_is_read(tmp_path: Path) -> None:
    saved = {
        "format_version": "2.0",
        "config": "fingerprint",
        "endpoint": None,
        "accounts": ["123456789012"],
        "selection": {"groups": ["g"], "only": ["f*"], "exclude": []},
        "digest": "sha256:9dede012051af790ce2d403e0f3878e7dbdf1b34126a31a7d1ed0457982c3bc0",
        "writes": ['{"op":"publish_version"}', "two"],
        "checksum": "sha256:5bea7154c2935201fc165cba7520ce9847f50f955ea5acd7385d6e42467806cd",
    }
    (tmp_path / "plan").write_text(json.dumps(saved), encoding="utf-8")

    assert load(str(tmp_path / "plan")) == PLAN


def test_only_its_owner_can_read_it_also_where_a_file_was_before(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)

    save(str(path), PLAN)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def _fifo(path: Path, _: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path, _: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def _link(path: Path, config: Path) -> None:
    path.symlink_to(config.parent / "elsewhere")


def _hard_link(path: Path, config: Path) -> None:
    path.hardlink_to(config)


@pytest.mark.parametrize("make", [_fifo, _socket, _link, _hard_link])
def test_whatever_is_there_and_is_no_file_of_its_own_stays_as_it_is(
    tmp_path: Path, make: Callable[[Path, Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config, path = tmp_path / "warm.yaml", Path("plan")
    config.write_text("version: 1\n", encoding="utf-8")
    make(path, config)
    before = path.lstat()

    with pytest.raises(ReconcileError, match="can't be saved") as raised:
        check_target("plan", config=str(config))
    assert raised.value.where == "plan"
    with pytest.raises(ReconcileError, match="can't be saved"):
        plan_file.save("plan", PLAN, config=str(config))

    assert path.lstat() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["plan", "warm.yaml"]
    assert config.read_text(encoding="utf-8") == "version: 1\n"


@pytest.mark.parametrize("name", ["-", os.devnull, "warm.yaml", "./warm.yaml", "folder/../warm.yaml"])
def test_neither_a_device_nor_standard_output_nor_the_configuration_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("warm.yaml").write_text("version: 1\n", encoding="utf-8")

    with pytest.raises(ReconcileError, match="can't be saved"):
        check_target(name, config="warm.yaml")


@pytest.mark.parametrize("name", ["", ".", "folder", "nowhere/plan", "plan/plan", "nul\0plan", "n" * 300])
def test_where_it_cannot_be_saved_the_error_names_the_path_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "plan").write_text("a file", encoding="utf-8")

    with pytest.raises(ReconcileError, match="can't be saved") as raised:
        save(name, PLAN)

    assert raised.value.where == name
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["folder", "plan"]


def test_a_write_that_fails_halfway_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan"
    save(str(path), PLAN)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ReconcileError, match="No space left"):
        save(str(path), SavedPlan("other", None, (), Selection(), digest(()), ()))

    assert load(str(path)) == PLAN
    assert [each.name for each in tmp_path.iterdir()] == ["plan"]


@pytest.mark.parametrize("name", [".", "nowhere", "nul\0plan"])
def test_what_cannot_be_read_is_an_error_that_names_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PlanFileError) as raised:
        load(name)
    assert raised.value.where == name


def test_a_file_cut_anywhere_is_not_a_whole_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    save(str(path), PLAN)
    text = path.read_bytes()
    for length in range(len(text.rstrip())):
        path.write_bytes(text[:length])
        with pytest.raises(PlanFileError, match=r"not a whole plan|of format unknown"):
            load(str(path))


@pytest.mark.parametrize(
    "edit",
    [
        {"writes": ["two", "three"]},
        {"digest": "sha256:1"},
        {"config": "other"},
        {"selection": {"groups": [], "only": [], "exclude": []}},
        {"added": 1},
        {"checksum": "sha256:0"},
        {"checksum": None},
        {"writes": {}},
    ],
)
def test_an_edited_file_is_not_a_whole_plan(tmp_path: Path, edit: dict[str, object]) -> None:
    path = tmp_path / "plan"
    save(str(path), PLAN)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | edit), encoding="utf-8")

    with pytest.raises(PlanFileError, match="not a whole plan"):
        load(str(path))


@pytest.mark.parametrize(
    "edit",
    [
        {"digest": "sha256:" + 64 * "0"},
        {"writes": ["two"]},
        {"writes": ["two", 3]},
        {"writes": [["two"]]},
        {"writes": ["\ud800"]},
        {"writes": {"two": 1}},
        {"endpoint": 1},
        {"accounts": "123456789012"},
        {"accounts": [123456789012]},
        {"selection": {"groups": "g", "only": [], "exclude": []}},
        {"selection": {"groups": [None], "only": [], "exclude": []}},
        {"selection": {"groups": [], "only": [{}], "exclude": []}},
        {"selection": {"groups": [], "only": 3, "exclude": []}},
        {"selection": {"groups": [], "only": []}},
        {"selection": []},
    ],
)
def test_an_edited_file_with_a_fitting_checksum_is_not_a_whole_plan(tmp_path: Path, edit: dict[str, object]) -> None:
    path = tmp_path / "plan"
    save(str(path), PLAN)
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["format_version"], content["checksum"]
    content |= edit
    checksum = "sha256:" + hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps({"format_version": "2.0", **content, "checksum": checksum}), encoding="utf-8")

    with pytest.raises(PlanFileError, match="the file was cut or edited"):
        load(str(path))


@pytest.mark.parametrize("version", ["1.0", "3.0", "", "x", 3, None])
def test_another_format_version_is_told(tmp_path: Path, version: object) -> None:
    path = tmp_path / "plan"
    save(str(path), PLAN)
    content = json.loads(path.read_text(encoding="utf-8")) | {"format_version": version}
    path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(PlanFileError, match=r"this version reads 2\.0"):
        load(str(path))


@given(st.binary(max_size=200))
@settings(derandomize=True, deadline=None)
def test_no_bytes_at_all_make_it_fail_otherwise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "plan"
    path.write_bytes(content)
    with pytest.raises(PlanFileError):
        load(str(path))


def test_deep_nesting_and_long_numbers_are_not_a_whole_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    for text in ("[" * 100_000, "9" * 10_000, '{"format_version": "2.0", "x": ' + "[" * 50_000):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PlanFileError, match="not a whole plan"):
            load(str(path))

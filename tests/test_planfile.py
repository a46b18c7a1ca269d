"""A saved plan as a file: whole or not at all, for its owner alone, and never believed when it was cut or edited."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import PlanFileError, ReconcileError
from reconciler.planfile import SavedPlan, Selection, load, save

PLAN = SavedPlan("fingerprint", Selection(("g",), ("f*",), ()), "sha256:0", ('{"op":"publish_version"}', "two"))


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    save(str(tmp_path / "plan"), PLAN)

    assert load(str(tmp_path / "plan")) == PLAN


def test_only_its_owner_can_read_it_also_where_a_file_was_before(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)

    save(str(path), PLAN)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link_to_the_file_that_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "plan"
    link.symlink_to(tmp_path / "there" / "plan")

    save(str(link), PLAN)

    assert link.is_symlink()
    assert load(str(tmp_path / "there" / "plan")) == PLAN


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
        save(str(path), SavedPlan("other", Selection(), "", ()))

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


@pytest.mark.parametrize("version", ["2.0", "0.9", "", "x", 2, None])
def test_another_format_version_is_told(tmp_path: Path, version: object) -> None:
    path = tmp_path / "plan"
    save(str(path), PLAN)
    content = json.loads(path.read_text(encoding="utf-8")) | {"format_version": version}
    path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(PlanFileError, match=r"this version reads 1\.0"):
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
    for text in ("[" * 100_000, "9" * 10_000, '{"format_version": "1.0", "x": ' + "[" * 50_000):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PlanFileError, match="not a whole plan"):
            load(str(path))

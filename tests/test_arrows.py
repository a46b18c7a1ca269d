"""The arrows between the rooms of the program point down only, and the doors to AWS are few.

A room is a folder or a module of `reconciler/`. ARROWS says of each what it may import; an import inside of a function
or under TYPE_CHECKING counts like any other. What is said here is read off the source, never off a running program,
but for what loads at start-up.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "reconciler"
ALONE = frozenset(
    {
        "aws/pacer.py",  # arithmetic that lives with the quota it is about, and knows no AWS library
        "report/literal.py",  # what every line goes through, whoever writes it
        "doctor/finding.py",  # the words that the doctor and its report share
    }
)
HEAVY = frozenset({"boto3", "botocore", "pydantic", "ruamel", "rich", "asyncio", "concurrent.futures"})

WORDS = frozenset({"desired", "model", "errors"})
READING = WORDS | {"aws.pacer", "lane", "ports", "sites"}

BELOW: Mapping[str, frozenset[str]] = {
    # what everybody speaks
    "desired": frozenset(),
    "errors": frozenset(),
    "model": frozenset({"desired"}),
    "ports": frozenset({"desired", "model"}),
    "aws.pacer": frozenset(),
    "doctor.finding": frozenset({"desired", "model"}),
    "report.literal": frozenset(),
    # single stages: each knows the words, and none another stage but `decide`
    "config": WORDS,
    "decide": frozenset({"desired", "model"}),
    "inventory": frozenset({"desired", "model"}),
    "ion_config": WORDS,
    "policy": WORDS,
    "aws": WORDS | {"aws.pacer", "inventory", "ports"},
    "sandbox": WORDS,
    "lane": frozenset({"aws.pacer", "errors"}),
    "sites": WORDS | {"lane", "ports"},
    "observe": READING | {"decide"},
    "inquiry": READING | {"inventory", "observe"},
    "apply": READING | {"decide"},
    "report": WORDS | {"decide", "doctor.finding", "report.literal"},
    "planfile": WORDS | {"decide"},
    "options": WORDS,
    "arguments": frozenset({"errors"}),
    "signals": WORDS,
    # several stages together
    "approval": WORDS | {"decide", "options", "planfile"},
    "settle": WORDS | {"apply", "approval", "decide", "observe", "sites"},
    "output": WORDS | {"doctor.finding", "options", "report", "report.literal"},
    "adopt": READING | {"config", "decide", "inquiry", "inventory", "ion_config", "report.literal"},
    "doctor": READING | {"decide", "doctor.finding", "inquiry", "inventory", "ion_config", "observe"},
    "wiring": READING | {"aws", "inquiry", "inventory", "options", "report.literal", "sandbox"},
}

ARROWS: Mapping[str, frozenset[str]] = {
    **BELOW,
    "commands": frozenset(BELOW) - {"aws", "aws.pacer", "lane", "ports"},
    "cli": frozenset({"arguments", "commands", "errors", "options", "output", "signals"}),
    "__main__": frozenset({"cli"}),
}

PURE = frozenset({"collections", "dataclasses", "enum", "functools", "hashlib", "itertools", "json", "math", "typing"})


@dataclass(frozen=True)
class Import:
    """One import: the file and its room, the module named, and the room that it belongs to (None: not ours)."""

    path: str
    room: str
    module: str
    goes_to: str | None


def _imports() -> Iterator[Import]:
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT).as_posix()
        for module in _modules(ast.parse(path.read_text("utf-8"))):
            yield Import(relative, _room(relative), module, _target(module))


def _modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _room(relative: str) -> str:
    if relative in ALONE:
        return relative.removesuffix(".py").replace("/", ".")
    return relative.split("/", maxsplit=1)[0].removesuffix(".py")


def _target(module: str) -> str | None:
    """The room that a module, or a name in one, belongs to."""
    package, *rest = module.split(".")
    if package != "reconciler" or not rest or not _exists(rest[0]):
        return None
    return next((alone for alone in map(_room, ALONE) if module.startswith(f"reconciler.{alone}.")), rest[0])


def _exists(name: str) -> bool:
    return (ROOT / name).is_dir() or (ROOT / f"{name}.py").is_file()


IMPORTS = tuple(_imports())


def test_every_import_follows_an_arrow() -> None:
    astray = [
        f"{each.path} imports {each.module}"
        for each in IMPORTS
        if each.goes_to not in {None, each.room} and each.goes_to not in ARROWS.get(each.room, ())
    ]
    assert astray == []


def test_every_room_has_its_arrows_written_down() -> None:
    assert {each.room for each in IMPORTS} - {"__init__"} <= ARROWS.keys()


def test_no_arrows_make_a_circle() -> None:
    left = dict(ARROWS)
    while left:
        ends = {room for room, arrows in left.items() if not arrows & left.keys()}
        assert ends, f"a circle among {sorted(left)}"
        left = {room: arrows for room, arrows in left.items() if room not in ends}


def test_deciding_is_pure() -> None:
    used = {each.module.split(".")[0] for each in IMPORTS if each.room == "decide" and each.goes_to is None}
    assert used <= PURE


def test_only_aws_and_the_sandbox_know_an_aws_library() -> None:
    libraries = {"boto3", "botocore", "moto"}
    knowing = {each.room for each in IMPORTS if each.module.split(".")[0] in libraries}
    assert knowing <= {"aws", "sandbox"}


def test_only_the_sandbox_knows_moto() -> None:
    assert {each.room for each in IMPORTS if each.module.split(".")[0] == "moto"} <= {"sandbox"}


def test_a_writer_is_known_to_those_who_apply_alone() -> None:
    knowing = {each.room for each in IMPORTS if each.module in {"reconciler.ports.Writer", "reconciler.aws.writer"}}
    knowing |= {each.room for each in IMPORTS if each.module.startswith("reconciler.aws.writer.")}
    assert knowing <= {"apply", "aws", "sites", "wiring"}  # `sites` hands on a pair of doors and calls neither


def test_the_sandbox_is_known_to_the_wiring_and_its_command_alone() -> None:
    knowing = {each.path for each in IMPORTS if each.goes_to == "sandbox" and each.room != "sandbox"}
    assert knowing <= {"wiring.py", "commands/sandbox.py"}


@pytest.mark.parametrize("words", ["import reconciler.cli", "--help", "--version", "plan --help"])
def test_nothing_heavy_is_loaded_before_there_is_work(words: str) -> None:
    start = words if words.startswith("import") else f"from reconciler.cli import main; main({words.split()!r})"
    script = f"""
import sys
try:
    {start}
except SystemExit:
    pass
print(sorted(name for name in {sorted(HEAVY)!r} if name in sys.modules), file=sys.stderr)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stderr.splitlines()[-1] == "[]"

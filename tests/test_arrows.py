"""What import-linter can't say: deciding is pure, only `apply` holds a Writer, and nothing heavy loads at start-up.

Which room may import which stands in pyproject.toml, `[tool.importlinter]`.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "reconciler"
HEAVY = frozenset({"boto3", "botocore", "pydantic", "ruamel", "rich", "asyncio", "concurrent.futures"})
PURE = frozenset(
    {
        "collections",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
        "graphlib",
        "hashlib",
        "itertools",
        "json",
        "math",
        "re",
        "typing",
        "zoneinfo",
    }
)


def _imports(room: str) -> set[tuple[str, str]]:
    """(file, module) of every import in a room, wherever it stands."""
    found = set()
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {(path.relative_to(ROOT).as_posix(), name.name) for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {(path.relative_to(ROOT).as_posix(), f"{node.module}.{name.name}") for name in node.names}
    return found


def test_deciding_is_pure() -> None:
    used = {module.split(".")[0] for _, module in _imports("decide")} - {"reconciler"}
    assert used <= PURE


def test_only_apply_is_given_a_writer() -> None:
    writers = {"reconciler.model.ports.Writer", "reconciler.aws.writer.LambdaWriter"}
    knowing = {path for path, module in _imports("") if module in writers}
    allowed = {"aws/connection.py", "observe/environments.py"}  # they hand a connection on and call neither port
    assert {path for path in knowing if not path.startswith("apply/")} <= allowed


@pytest.mark.parametrize("words", ["import reconciler.cli.main", "--help", "--version", "plan --help"])
def test_nothing_heavy_is_loaded_before_there_is_work(words: str) -> None:
    start = words if words.startswith("import") else f"from reconciler.cli.main import main; main({words.split()!r})"
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

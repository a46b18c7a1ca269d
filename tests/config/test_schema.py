"""The JSON Schema and the parser agree: on the example, on good files, on each bad value, and on the set of keys."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # comes with the sandbox's extra
from ruamel.yaml import YAML

from reconciler.config import declaration, json_schema, parse
from reconciler.model.errors import ConfigError

HERE = Path(__file__).parent
VALIDATOR = Draft202012Validator(json_schema())
# What only the whole file, or the text before YAML's types, can tell.
BEYOND_A_SCHEMA = {
    "alias-missing",
    "asked-twice",
    "asked-twice-through-an-anchor",
    "duplicate-keys",
    "external-id-alone",
    "format-float",
    "joined-name-too-long",
    "key-that-is-no-name",
    "no-ions",
    "recursive-merge",
    "two-aliases-take-the-event-sources",
    "two-warm-aliases-of-latest",
    "two-warm-aliases-of-one-version",
    "zone-missing",
}


def _loaded(text: str) -> Any:  # noqa: ANN401 - whatever YAML holds
    return YAML(typ="safe", pure=False).load(text)


def _plain(file: Path) -> Any:  # noqa: ANN401 - whatever YAML holds
    """What an editor's YAML reader makes of the file, or None when it refuses it too."""
    try:
        return _loaded(file.read_text())
    except Exception:  # noqa: BLE001 - the other reader's refusals are its own
        return None


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_the_example_is_valid() -> None:
    assert list(VALIDATOR.iter_errors(_loaded((HERE.parents[1] / "warm.yaml.example").read_text()))) == []


LOADABLE = [(file.stem, value) for file in sorted((HERE / "bad").glob("*.yaml")) if (value := _plain(file)) is not None]


@pytest.mark.parametrize(("name", "value"), LOADABLE, ids=[name for name, _ in LOADABLE])
def test_bad_files_are_invalid_unless_it_takes_the_whole_file_to_tell(name: str, value: object) -> None:
    assert VALIDATOR.is_valid(value) == (name in BEYOND_A_SCHEMA)


VALUES = [
    ("account", ['"123456789012"'], ["123456789012", '"12345678901"', "x", "~"]),
    ("region", ["us-east-1", "us-gov-west-1", "eusc-de-east-1"], ["us-east", "US-EAST-1", "~", "5"]),
    ("profile", ["prod", '"a b"', '"5"'], ["5", '""', '" "', '"a\\nb"']),
    ("role_arn", ["arn:aws:iam::123456789012:role/a/b"], ["arn:aws:iam::1:role/a"]),
    ("alias", ["live", "v1", '"2024-01-02"'], ['"2024"', "5", "a.b", '""', "~", "[a]", "true"]),
    ("concurrency", ["0", "7", "2147483647"], ["-1", '"7"', "1.5", "true", "~", "2147483648", "{}"]),
    ("version", ["latest", "unmanaged", "7", '"7"'], ["0", '"07"', "-1", "LATEST", "~", "1.5", "true", '"$LATEST"']),
    ("permissions", ["mirror", "unmanaged", '"mirror"'], ["Mirror", "alias", "true", "~", "[mirror]", "1"]),
    ("event_sources", ["alias", "unmanaged"], ["mirror", "live", "true", "~", "{}"]),
    ("function", ["f", '"123"'], ["123", "f.g", '"a:b"', '""', "~"]),
    ("monthly_usd", ["0", "500", "0.5"], ["-1", '"5"', "~", "true"]),
    ("x86_64", ["0", "0.0000041667", "4.1667e-6"], ["-1", '"5"', "~"]),
]  # fmt: skip
CASES = [
    *((key, value, True) for key, right, _ in VALUES for value in right),
    *((key, value, False) for key, _, wrong in VALUES for value in wrong),
]


@pytest.mark.parametrize(("key", "value", "good"), CASES)
def test_schema_and_parser_take_and_refuse_the_same_values(key: str, value: str, *, good: bool) -> None:
    text = _file_with(key, value)
    assert (VALIDATOR.is_valid(_loaded(text)), _parses(text)) == (good, good)


def _file_with(key: str, value: str) -> str:
    if key in declaration.Ion.__annotations__:
        return f"version: 1\ndefaults: {{alias: live}}\nions: {{f: {{{key}: {value}}}}}\n"
    if key in declaration.Limits.__annotations__:
        return f"version: 1\nlimits: {{{key}: {value}}}\nions: {{f: {{alias: live}}}}\n"
    if key in declaration.Price.__annotations__:
        return f"version: 1\nprices: {{us-east-1: {{{key}: {value}, arm64: 1}}}}\nions: {{f: {{alias: live}}}}\n"
    return f"version: 1\n{key}: {value}\nions: {{f: {{alias: live}}}}\n"


def _parses(text: str) -> bool:
    try:
        parse(text.encode(), source="warm.yaml")
    except ConfigError:
        return False
    return True


def test_every_key_is_described_and_no_other_is_allowed() -> None:
    schema: Any = json_schema()
    shapes = ("Defaults", "Group", "Ion", "Limits", "Price")
    for mapping, shape in ((schema, "File"), *((schema["$defs"][shape], shape) for shape in shapes)):
        assert list(mapping["properties"]) == list(getattr(declaration, shape).__annotations__)
        assert mapping["additionalProperties"] is False
        assert all(len(one["description"]) > 20 for one in mapping["properties"].values())


@pytest.mark.parametrize(
    "text",
    [
        "groups: {bad.name: {ions: {f: {alias: live}}}}",
        "prices: {mars: {x86_64: 1, arm64: 1}}",
        'ions: {"": {alias: live}}',
    ],
)
def test_names_that_no_pattern_allows_are_invalid(text: str) -> None:
    whole = f"version: 1\ndefaults: {{alias: live}}\n{text}\n"
    assert (VALIDATOR.is_valid(_loaded(whole)), _parses(whole)) == (False, False)


def test_each_call_gives_a_document_of_its_own() -> None:
    first: Any = json_schema()
    first["properties"]["account"].clear()
    first["properties"]["region"]["pattern"] = "x"
    assert json_schema() != first

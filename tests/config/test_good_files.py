"""What a file asks for, value by value: defaults, groups, connections, anchors, merge keys, spellings."""

from pathlib import Path

import pytest

from reconciler.config import parse
from reconciler.model.desired import (
    CallersWish,
    ConnectionSettings,
    Desired,
    FollowLatest,
    Limits,
    Pinned,
    Price,
    Unmanaged,
    VersionWish,
)
from reconciler.model.scaling import Scaled, highest

EXAMPLE = Path(__file__).parents[2] / "warm.yaml.example"
NOWHERE = ConnectionSettings()


def _ions(text: str) -> tuple[Desired, ...]:
    return parse(text.encode(), source="warm.yaml").desired


def _ion(  # noqa: PLR0913 - the parts of an ion
    function: str,
    concurrency: int | None = None,
    *,
    alias: str = "live",
    version: VersionWish = FollowLatest(),
    group: str | None = None,
    connection: ConnectionSettings = NOWHERE,
) -> Desired:
    return Desired(connection, group, function, alias, version, concurrency)


FULL = """\
version: 1
account: "123456789012"
region: us-east-1
profile: prod
defaults: {alias: live, concurrency: 1}
ions:
  my-lambda-name: {alias: my-alias, concurrency: 1}
groups:
  inventory-prod:
    region: us-west-2
    defaults: {concurrency: 2}
    ions:
      get-items: {concurrency: 5}
      add-item: {alias: blue}
      report: 0
      legacy: {function: some-other-name, concurrency: 1}
limits: {concurrency: 200, monthly_usd: 500}
prices:
  ap-south-2: {x86_64: 0.0000041667, arm64: 3.3334e-6}
"""


def test_a_full_file_comes_out_value_by_value() -> None:
    config = parse(FULL.encode(), source="warm.yaml")
    top = ConnectionSettings("123456789012", "us-east-1", "prod")
    west = ConnectionSettings("123456789012", "us-west-2", "prod")
    group = "inventory-prod"
    assert config.desired == (
        _ion("my-lambda-name", 1, alias="my-alias", connection=top),
        _ion("inventory-prod-get-items", 5, group=group, connection=west),
        _ion("inventory-prod-add-item", 2, alias="blue", group=group, connection=west),
        _ion("inventory-prod-report", 0, group=group, connection=west),
        _ion("some-other-name", 1, group=group, connection=west),
    )
    assert config.limits == Limits(200, 500.0)
    assert config.prices == {"ap-south-2": Price(0.0000041667, 0.0000033334)}
    assert [one.where for one in config.desired][:2] == ["warm.yaml:7:3", "warm.yaml:13:7"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", _ion("f", 3)),
        ("~", _ion("f", 3)),
        ("{}", _ion("f", 3)),
        ("0", _ion("f", 0)),
        ("12", _ion("f", 12)),
        ("{concurrency: 0}", _ion("f", 0)),
        ("{alias: blue}", _ion("f", 3, alias="blue")),
        ('{alias: "on"}', _ion("f", 3, alias="on")),
        ('{alias: "2024-01-02"}', _ion("f", 3, alias="2024-01-02")),
        ("{alias: v1}", _ion("f", 3, alias="v1")),
        ("{version: latest}", _ion("f", 3)),
        ("{version: unmanaged}", _ion("f", 3, version=Unmanaged())),
        ("{version: 7}", _ion("f", 3, version=Pinned("7"))),
        ('{version: "7"}', _ion("f", 3, version=Pinned("7"))),
        ("{function: other}", _ion("other", 3)),
        ('{function: "123"}', _ion("123", 3)),
        ('{"alias": "blue", \'concurrency\': 4}', _ion("f", 4, alias="blue")),
    ],
)
def test_an_ion_may_be_a_mapping_a_number_or_nothing(value: str, expected: Desired) -> None:
    assert _ions(f"version: 1\ndefaults: {{alias: live, concurrency: 3}}\nions:\n  f: {value}\n") == (expected,)


def test_concurrency_that_is_left_out_everywhere_is_not_managed() -> None:
    assert _ions("version: 1\nions: {f: {alias: live}}\n") == (_ion("f", None),)


def test_the_nearest_setting_wins() -> None:
    text = """\
version: 1
defaults: {alias: top, concurrency: 1, version: 3}
groups:
  g:
    defaults: {alias: group, version: unmanaged}
    ions:
      a:
      b: {alias: own, version: latest}
"""
    assert _ions(text) == (
        _ion("g-a", 1, alias="group", version=Unmanaged(), group="g"),
        _ion("g-b", 1, alias="own", group="g"),
    )


def test_connections_are_inherited_key_by_key() -> None:
    text = """\
version: 1
account: "123456789012"
region: eu-west-1
external_id: shared
groups:
  a:
    role_arn: arn:aws:iam::123456789012:role/path/warm
    ions: {x: {alias: live}}
  b:
    account: "000000000001"
    region: us-gov-west-1
    role_arn: arn:aws-us-gov:iam::000000000001:role/warm
    external_id: own
    ions: {x: {alias: live}}
"""
    role = "arn:aws:iam::123456789012:role/path/warm"
    gov = "arn:aws-us-gov:iam::000000000001:role/warm"
    assert [one.connection for one in _ions(text)] == [
        ConnectionSettings("123456789012", "eu-west-1", None, role, "shared"),
        ConnectionSettings("000000000001", "us-gov-west-1", None, gov, "own"),
    ]


def test_an_anchor_gives_the_same_ions_to_several_groups() -> None:
    text = """\
version: 1
groups:
  prod: {ions: &app {get: &get {alias: live, concurrency: 5}, put: {alias: live}}}
  test: {defaults: {concurrency: 1}, ions: *app}
  demo: {ions: {only: *get}}
"""
    assert _ions(text) == (
        _ion("prod-get", 5, group="prod"),
        _ion("prod-put", None, group="prod"),
        _ion("test-get", 5, group="test"),
        _ion("test-put", 1, group="test"),
        _ion("demo-only", 5, group="demo"),
    )


def test_merge_keys_give_way_to_own_keys_and_to_earlier_merges() -> None:
    text = """\
version: 1
ions:
  a: &a {alias: live, concurrency: 1}
  b: &b {alias: blue, version: 4}
  c: {<<: [*a, *b], concurrency: 9}
  d: {concurrency: 7, <<: *b}
groups:
  prod: {ions: &app {get: *a}}
  test: {ions: {<<: *app, put: *a}}
"""
    assert _ions(text)[2:] == (
        _ion("c", 9, version=Pinned("4")),
        _ion("d", 7, alias="blue", version=Pinned("4")),
        _ion("prod-get", 1, group="prod"),
        _ion("test-put", 1, group="test"),
        _ion("test-get", 1, group="test"),
    )


def test_callers_are_managed_where_the_nearest_mapping_says_so() -> None:
    text = """\
version: 1
defaults: {alias: live, permissions: mirror, event_sources: alias}
ions: {a: 1, b: {permissions: unmanaged}}
groups:
  g: {defaults: {event_sources: unmanaged}, ions: {c: 1, d: {event_sources: alias}}}
"""
    assert [(one.function, one.callers.permissions, one.callers.event_sources) for one in _ions(text)] == [
        ("a", True, True),
        ("b", False, True),
        ("g-c", True, False),
        ("g-d", True, True),
    ]


def test_callers_are_unmanaged_unless_the_file_says_otherwise() -> None:
    (one,) = _ions("version: 1\nions: {f: {alias: live}}\n")
    assert one.callers == CallersWish(permissions=False, event_sources=False)


def test_a_quoted_merge_key_is_a_name_like_any_other() -> None:
    assert _ions('version: 1\nions:\n  "<<": {alias: live, function: f}\n') == (_ion("f"),)


@pytest.mark.parametrize("section", ["defaults", "ions", "groups", "limits", "prices"])
def test_a_section_left_empty_asks_for_nothing(section: str) -> None:
    filled = "groups: {g: {ions: {f: {alias: live}}}}" if section == "ions" else "ions: {f: {alias: live}}"
    assert len(_ions(f"version: 1\n{filled}\n{section}:\n")) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("region: us-east-1", "region: us-west-2"),
        ('account: "123456789012"', 'account: "123456789013"'),
        ("profile: a", "profile: b"),
        ("role_arn: arn:aws:iam::123456789012:role/a", "role_arn: arn:aws:iam::123456789012:role/b"),
        ("", "region: us-west-2"),
    ],
)
def test_the_same_function_and_alias_may_stand_in_two_places(first: str, second: str) -> None:
    ions = "    ions: {i: {alias: live, function: f, concurrency: 1}}"
    text = f"version: 1\ngroups:\n  a:\n    {first}\n{ions}\n  b:\n    {second}\n{ions}\n"
    assert [one.function for one in _ions(text)] == ["f", "f"]


def test_two_warm_aliases_are_fine_while_their_versions_may_differ() -> None:
    text = """\
version: 1
ions:
  a: {function: f, alias: a, concurrency: 1}
  b: {function: f, alias: b, concurrency: 1, version: 3}
  c: {function: f, alias: c, concurrency: 1, version: unmanaged}
  d: {function: f, alias: d, concurrency: 1, version: unmanaged}
  e: {function: f, alias: e, concurrency: 0}
  g: {function: f, alias: g}
"""
    assert len(_ions(text)) == 6


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfversion: 1\nions: {f: {alias: live}}\n",
        b"version: 1\r\nions:\r\n  f: {alias: live}\r\n",
        b"%YAML 1.2\n---\nversion: 1\nions: {f: {alias: live}}\n...\n",
        b'{"version": 1, "ions": {"f": {"alias": "live"}}}',
        b"version: 1\nions: {f: {alias: live}}",
        b"version: 1\nions:\n  ? f\n  : alias: live\n",
    ],
    ids=["byte order mark", "windows line ends", "directive and end marks", "json", "no last line end", "explicit key"],
)
def test_other_ways_to_write_the_same_are_read(text: bytes) -> None:
    assert parse(text, source="warm.yaml").desired == (_ion("f"),)


def test_positions_count_from_one_past_a_byte_order_mark() -> None:
    assert parse(b"\xef\xbb\xbf{version: 1, ions: {f: {alias: live}}}", source="w").desired[0].where == "w:1:21"


def test_names_at_their_longest_are_read() -> None:
    group, ion, alias = "g" * 31, "i" * 32, "a" * 128
    (one,) = _ions(f"version: 1\ngroups: {{{group}: {{ions: {{{ion}: {{alias: {alias}}}}}}}}}\n")
    assert (one.function, len(one.function), one.alias) == (f"{group}-{ion}", 64, alias)


def test_the_example_explains_a_file_that_a_fresh_world_can_follow() -> None:
    config = parse(EXAMPLE.read_bytes(), source="warm.yaml.example")
    assert len(config.desired) == 13
    assert {one.version for one in config.desired} == {FollowLatest()}
    assert {one.connection.region for one in config.desired} == {"us-east-1", "us-west-2"}
    assert {one.connection.account for one in config.desired} == {"123456789012"}
    assert {one.connection.profile for one in config.desired} == {None}
    assert all(one.concurrency is not None and highest(one.concurrency) <= 5 for one in config.desired)
    scaled = [one.concurrency for one in config.desired if isinstance(one.concurrency, Scaled)]
    assert [(bool(each.windows), each.target) for each in scaled] == [(True, None), (False, 0.6)]

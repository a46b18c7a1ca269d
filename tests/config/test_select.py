"""`--group`, `--only`, `--exclude`: what they leave, and what they refuse."""

import pytest

from reconciler.config import parse, select
from reconciler.errors import UsageError

CONFIG = parse(
    b"""\
version: 1
defaults: {alias: live}
ions: {webhook: , Report: {alias: blue}}
groups:
  inventory-prod: {ions: {get-items: , add-item: {alias: blue}}}
  inventory-test: {ions: {get-items: }}
  nothing-yet: {ions: }
""",
    source="warm.yaml",
)


def _chosen(groups: tuple[str, ...] = (), only: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    return [one.function for one in select(CONFIG, groups=groups, only=only, exclude=exclude)]


@pytest.mark.parametrize(
    ("groups", "only", "exclude", "expected"),
    [
        ((), (), (), ["webhook", "Report", "inventory-prod-get-items", "inventory-prod-add-item", "inventory-test-get-items"]),
        (("inventory-test",), (), (), ["inventory-test-get-items"]),
        (("inventory-test", "inventory-prod"), ("*-get-*",), (), ["inventory-prod-get-items", "inventory-test-get-items"]),
        ((), ("webhook", "*:blue"), (), ["webhook", "Report", "inventory-prod-add-item"]),
        ((), ("inventory-prod-*:live",), (), ["inventory-prod-get-items"]),
        ((), ("inventory-?????get-items",), (), []),
        ((), (), ("inventory-*", "webhook"), ["Report"]),
        ((), ("inventory-*",), ("*-test-*",), ["inventory-prod-get-items", "inventory-prod-add-item"]),
        ((), ("[wR]*",), ("*:blue",), ["webhook"]),
    ],
)  # fmt: skip
def test_repeated_filters_add_up_and_different_ones_narrow(
    groups: tuple[str, ...], only: tuple[str, ...], exclude: tuple[str, ...], expected: list[str]
) -> None:
    if expected:
        assert _chosen(groups, only, exclude) == expected
    else:
        with pytest.raises(UsageError):
            _chosen(groups, only, exclude)


@pytest.mark.parametrize(
    ("groups", "only", "exclude", "message", "hint"),
    [
        (("inventory-prd",), (), (), "--group inventory-prd matches no group that has ions", "did you mean inventory-prod?"),
        (("web",), (), (), "--group web matches no group that has ions", "groups with ions: inventory-prod, inventory-test"),
        (("nothing-yet",), (), (), "--group nothing-yet matches no group that has ions", "groups with ions: inventory-prod, inventory-test"),
        ((), ("get-items",), (), "--only get-items matches no ion", "did you mean inventory-prod-get-items or inventory-test-get-items?"),
        ((), ("*", "webhok"), (), "--only webhok matches no ion", "did you mean webhook?"),
        ((), ("report",), (), "--only report matches no ion", "did you mean Report?"),
        ((), ("webhook:bleu",), (), "--only webhook:bleu matches no ion", "did you mean webhook:live?"),
        ((), (), ("zzz",), "--exclude zzz matches no ion", "a glob matches the whole name, function or function:alias, like 'inventory-prod-*' or '*:live'"),
        ((), ("",), (), "--only  matches no ion", "a glob matches the whole name, function or function:alias, like 'inventory-prod-*' or '*:live'"),
        (("inventory-test",), ("*:blue",), (), "no ion is left by --group, --only and --exclude together", None),
        ((), (), ("*",), "no ion is left by --group, --only and --exclude together", None),
    ],
)  # fmt: skip
def test_a_filter_that_matches_nothing_is_refused_with_near_names(
    groups: tuple[str, ...], only: tuple[str, ...], exclude: tuple[str, ...], message: str, hint: str | None
) -> None:
    with pytest.raises(UsageError) as caught:
        _chosen(groups, only, exclude)
    assert (caught.value.message, caught.value.hint, caught.value.where) == (message, hint, "warm.yaml")


def test_a_group_asked_of_a_file_without_groups_is_refused() -> None:
    config = parse(b"version: 1\nions: {f: {alias: live}}\n", source="warm.yaml")
    with pytest.raises(UsageError) as caught:
        select(config, groups=["prod"], only=[], exclude=[])
    assert caught.value.hint == "the file has no groups; leave --group out"

"""`--group`, `--only`, `--exclude`: what they leave, and what they refuse."""

import pytest

from reconciler.config import parse, select
from reconciler.model.errors import UsageError

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


PROD = ["inventory-prod-get-items", "inventory-prod-add-item"]
TEST = ["inventory-test-get-items"]


@pytest.mark.parametrize(
    ("groups", "only", "exclude", "expected"),
    [
        ((), (), (), ["webhook", "Report", *PROD, *TEST]),
        (("inventory-test",), (), (), TEST),
        (("inventory-test", "inventory-prod"), ("*-get-*",), (), [PROD[0], *TEST]),
        ((), ("webhook", "*:blue"), (), ["webhook", "Report", PROD[1]]),
        ((), ("inventory-prod-*:live",), (), [PROD[0]]),
        ((), ("inventory-????-get-items",), (), [PROD[0], *TEST]),
        ((), (), ("inventory-*", "webhook"), ["Report"]),
        ((), ("inventory-*",), ("*-test-*",), PROD),
        ((), ("[wR]*",), ("*:blue",), ["webhook"]),
    ],
)
def test_repeated_filters_add_up_and_different_ones_narrow(
    groups: tuple[str, ...], only: tuple[str, ...], exclude: tuple[str, ...], expected: list[str]
) -> None:
    assert _chosen(groups, only, exclude) == expected


NO_GROUP = "matches no group that has ions"
GROUPS = "groups with ions: inventory-prod, inventory-test"
GLOBS = "a glob matches the whole name, function or function:alias, like 'inventory-prod-*' or '*:live'"
NONE_LEFT = "no ion is left by --group, --only and --exclude together"


@pytest.mark.parametrize(
    ("groups", "only", "exclude", "message", "hint"),
    [
        (("inventory",), (), (), f"--group inventory {NO_GROUP}", "did you mean inventory-test or inventory-prod?"),
        (("web",), (), (), f"--group web {NO_GROUP}", GROUPS),
        (("nothing-yet",), (), (), f"--group nothing-yet {NO_GROUP}", GROUPS),
        (("inventory-prod", "NO"), (), (), f"--group NO {NO_GROUP}", GROUPS),
        ((), ("get-items",), (), "--only get-items matches no ion", f"did you mean {PROD[0]} or {TEST[0]}?"),
        ((), ("*", "webhok"), (), "--only webhok matches no ion", "did you mean webhook?"),
        ((), ("report",), (), "--only report matches no ion", "did you mean Report?"),
        ((), ("webhook:bleu",), (), "--only webhook:bleu matches no ion", "did you mean webhook:live?"),
        ((), (), ("zzz",), "--exclude zzz matches no ion", GLOBS),
        ((), ("",), (), "--only '' matches no ion", GLOBS),
        (("inventory-test",), ("*:blue",), (), NONE_LEFT, None),
        ((), (), ("*",), NONE_LEFT, None),
    ],
)
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

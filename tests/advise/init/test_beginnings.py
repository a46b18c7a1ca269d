"""What is said of an account's functions before all of them are read."""

import pytest

from reconciler.advise.init.beginnings import beginnings, mixed
from reconciler.model.observed import AccountRegion

HERE = AccountRegion("123456789012", "us-east-1")


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ((), ()),
        (("resize",), (("resize", 1),)),
        (("shop-add", "shop-get", "resize"), (("shop-", 2), ("resize", 1))),
        (("shop-prod-add", "shop-prod-get-all", "a-b"), (("shop-prod-", 2), ("a-b", 1))),
        (("shop-prod-add", "shop-staging-add"), (("shop-", 2),)),
        (("shop", "shop-add"), (("shop", 2),)),
    ],
)
def test_names_begin_alike_up_to_a_dash(names: tuple[str, ...], found: tuple[tuple[str, int], ...]) -> None:
    assert beginnings(names) == found


def test_one_common_beginning_is_nothing_to_be_said() -> None:
    assert mixed(("shop-add", "shop-get"), HERE) is None


def test_functions_of_several_beginnings_are_counted_before_they_are_read() -> None:
    names = (
        *(f"shop-prod-{number}" for number in range(30)),
        "resize",
        "a-b",
        "c-d",
        "e-f",
        "g-h",
        "mail-in",
        "mail-out",
    )

    assert mixed(names, HERE) == (
        "All 37 functions of 123456789012, us-east-1 are read and listed, in about 5 s: shop-prod-* (30), mail-* (2), "
        "a-b (1), c-d (1), 3 other beginnings. `--prefix GROUP-` lists those of one compute group alone"
    )

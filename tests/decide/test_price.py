import pytest

from reconciler.decide.price import X86_MICRO_USD, monthly_usd, price_note, price_of
from reconciler.model.desired import Price
from reconciler.model.observed import Settings


def settings(*, memory: int = 1024, architecture: str = "x86_64") -> Settings:
    return Settings("sha", (), (), architecture, memory, "/aws/lambda/f")


def monthly(concurrency: int, region: str, *, architecture: str = "x86_64", memory: int = 1024) -> float:
    carried = settings(memory=memory, architecture=architecture)
    return round(monthly_usd(concurrency, settings=carried, region=region, prices={}), 2)


def test_a_gigabyte_unit_costs_what_the_bill_says_in_us_east_1() -> None:
    assert monthly(1, "us-east-1") == 10.95
    assert monthly(1, "us-east-1", architecture="arm64") == 8.76


def test_nine_million_gigabyte_seconds_on_arm_are_thirty_dollars() -> None:
    assert price_of("us-east-1", {}).arm64 * 9_000_000 == pytest.approx(30, abs=0.01)


def test_the_price_grows_with_units_and_memory() -> None:
    assert monthly(5, "us-east-1") == 54.75
    assert monthly(2, "us-east-1", memory=512) == 10.95
    assert monthly(0, "us-east-1") == 0


def test_sao_paulo_is_59_percent_dearer_than_virginia() -> None:
    assert monthly(100, "sa-east-1") / monthly(100, "us-east-1") == pytest.approx(1.59, abs=0.005)


def test_arm_costs_a_fifth_less_outside_us_east_1() -> None:
    for region in set(X86_MICRO_USD) - {"us-east-1"}:
        price = price_of(region, {})
        assert price.arm64 == pytest.approx(0.8 * price.x86_64)


def test_the_files_price_comes_first_and_needs_no_note() -> None:
    prices = {"us-east-1": Price(x86_64=1e-6, arm64=5e-7), "moon-1": Price(x86_64=2e-6, arm64=1e-6)}
    assert monthly_usd(1, settings=settings(), region="us-east-1", prices=prices) == pytest.approx(2.628)
    on_arm = settings(architecture="arm64")
    assert monthly_usd(1, settings=on_arm, region="moon-1", prices=prices) == pytest.approx(2.628)
    assert price_note("moon-1", prices) is None


def test_a_region_without_a_price_is_counted_at_us_east_1s_and_said_so() -> None:
    for architecture in ("x86_64", "arm64"):
        assert monthly(3, "moon-1", architecture=architecture) == monthly(3, "us-east-1", architecture=architecture)
    note = price_note("moon-1", {})
    assert note is not None
    assert "moon-1: counted at us-east-1's" in note


def test_a_region_with_a_price_gets_no_note() -> None:
    assert [price_note(region, {}) for region in X86_MICRO_USD] == [None] * len(X86_MICRO_USD)

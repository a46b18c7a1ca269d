from reconciler.sandbox.quota import Quota


def _passed(quota: Quota, operation: str, now: float, tries: int = 200) -> int:
    return sum(quota.allows(operation, now) for _ in range(tries))


def test_the_shared_bucket_starts_with_15_and_refills_at_15_a_second() -> None:
    quota = Quota()
    assert _passed(quota, "GetAlias", 0.0) == 15
    assert _passed(quota, "UpdateAlias", 0.0) == 0
    assert _passed(quota, "GetAlias", 0.2) == 3
    assert _passed(quota, "GetAlias", 60.0) == 15


def test_get_function_and_get_policy_have_buckets_of_their_own() -> None:
    quota = Quota()
    assert _passed(quota, "GetAlias", 0.0) == 15
    assert _passed(quota, "GetPolicy", 0.0) == 15
    assert _passed(quota, "GetFunction", 0.0) == 100
    assert _passed(quota, "GetFunction", 0.5) == 50


def test_get_function_configuration_is_in_the_shared_bucket() -> None:
    quota = Quota()
    assert _passed(quota, "GetFunctionConfiguration", 0.0) == 15
    assert not quota.allows("GetProvisionedConcurrencyConfig", 0.0)


def test_invoking_takes_nothing_from_the_control_plane() -> None:
    quota = Quota()
    assert _passed(quota, "Invoke", 0.0) == 200
    assert quota.allows("GetAlias", 0.0)


def test_a_clock_that_goes_back_gives_no_tokens() -> None:
    quota = Quota()
    assert _passed(quota, "GetAlias", 10.0) == 15
    assert _passed(quota, "GetAlias", 0.0) == 0
    assert _passed(quota, "GetAlias", 10.0) == 0

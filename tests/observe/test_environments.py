"""What the file asks for, joined with where it leads: what is known of places that can't be reached."""

from dataclasses import dataclass
from typing import NoReturn

import pytest
from simulation import Clock, new_aws

from reconciler.model.desired import ConnectionSettings, Desired, FollowLatest
from reconciler.model.errors import ConfigError, ConnectionFailed
from reconciler.model.observed import AccountRegion
from reconciler.observe.environments import Connection, resolve

ONE, OTHER = ConnectionSettings(profile="one"), ConnectionSettings(profile="other")


def _ion(connection: ConnectionSettings, group: str) -> Desired:
    return Desired(connection, group, "shared", "live", FollowLatest(), 1, f"warm.yaml:{len(group)}:1")


@dataclass(frozen=True)
class Leading:
    """Where profiles lead; those that lead nowhere fail in words of their own."""

    to: dict[str, AccountRegion]

    def __call__(self, connection: ConnectionSettings) -> Connection:
        profile = connection.profile or ""
        if profile not in self.to:
            raise ConnectionFailed(f"the SSO token of {profile} has expired", hint=f"aws sso login --profile {profile}")
        opened = new_aws(clock=Clock()).opener(connection)
        return type(opened)(self.to[profile], opened.reader, opened.writer, opened.inventory)


def test_two_profiles_that_lead_to_one_place_name_an_ion_twice() -> None:
    here = AccountRegion("123456789012", "us-east-1")
    with pytest.raises(ConfigError, match="asked for twice"):
        resolve(
            [_ion(ONE, "a"), _ion(OTHER, "bb")], opener=Leading({"one": here, "other": here}), dispatcher_for=_no_lane
        )


def test_accounts_that_could_not_be_resolved_are_not_compared() -> None:
    resolved = resolve([_ion(ONE, "a"), _ion(OTHER, "bb")], opener=Leading({}), dispatcher_for=_no_lane)
    assert [each.why.rpartition(" ")[2] for each in resolved.unreadable.values()] == ["one", "other"]
    assert len(resolved.ions) == 2


def test_two_roles_that_fail_and_name_one_function_leave_a_third_readable() -> None:
    third, aws = ConnectionSettings(profile="third"), new_aws(clock=Clock())
    here = AccountRegion("123456789012", "us-east-1")
    ions = [_ion(ONE, "a"), _ion(OTHER, "bb"), _ion(third, "ccc")]
    resolved = resolve(ions, opener=Leading({"third": here}), dispatcher_for=aws.dispatcher)
    assert [site.place for site in resolved.environments] == [here]
    assert len(resolved.unreadable) == 2
    assert len(resolved.ions) == 3


def test_whatever_opening_a_connection_raises_leaves_the_others_readable() -> None:
    aws = new_aws(clock=Clock())

    def opener(connection: ConnectionSettings) -> Connection:
        if connection == ONE:
            raise TypeError("s3cr3t")
        return aws.opener(connection)

    resolved = resolve([_ion(ONE, "a"), _ion(OTHER, "bb")], opener=opener, dispatcher_for=aws.dispatcher)
    [unreadable] = resolved.unreadable.values()
    assert unreadable.why == "the connection could not be opened: TypeError"
    assert len(resolved.environments) == 1


def test_a_connection_that_fails_leaves_the_others_readable() -> None:
    here = AccountRegion("123456789012", "us-east-1")
    aws = new_aws(clock=Clock())
    resolved = resolve(
        [_ion(ONE, "a"), _ion(OTHER, "bb")], opener=Leading({"one": here}), dispatcher_for=aws.dispatcher
    )
    assert [site.place for site in resolved.environments] == [here]
    [unreadable] = resolved.unreadable.values()
    assert "aws sso login --profile other" in unreadable.why


def _no_lane(_: AccountRegion) -> NoReturn:
    raise AssertionError("nothing is read")

"""What the file asks for, joined with where it leads: what is known of places that can't be reached."""

from dataclasses import dataclass
from typing import NoReturn

import pytest
from simulation import Clock, new_aws

from reconciler.desired import Connection, Desired, FollowLatest
from reconciler.errors import ConfigError, ConnectionFailed
from reconciler.model import Place
from reconciler.sites import Link, resolve

ONE, OTHER = Connection(profile="one"), Connection(profile="other")


def _ion(connection: Connection, group: str) -> Desired:
    return Desired(connection, group, "shared", "live", FollowLatest(), 1, f"warm.yaml:{len(group)}:1")


@dataclass(frozen=True)
class Leading:
    """Where profiles lead; those that lead nowhere fail in words of their own."""

    to: dict[str, Place]

    def __call__(self, connection: Connection) -> Link:
        profile = connection.profile or ""
        if profile not in self.to:
            raise ConnectionFailed(f"the SSO token of {profile} has expired", hint=f"aws sso login --profile {profile}")
        opened = new_aws(clock=Clock()).opener(connection)
        return type(opened)(self.to[profile], opened.reader, opened.writer)


def test_two_profiles_that_lead_to_one_place_name_an_ion_twice() -> None:
    here = Place("123456789012", "us-east-1")
    with pytest.raises(ConfigError, match="asked for twice"):
        resolve([_ion(ONE, "a"), _ion(OTHER, "bb")], opener=Leading({"one": here, "other": here}), lane_for=_no_lane)


def test_places_that_nobody_could_find_out_are_not_taken_for_one() -> None:
    with pytest.raises(ConnectionFailed, match="has expired"):
        resolve([_ion(ONE, "a"), _ion(OTHER, "bb")], opener=Leading({}), lane_for=_no_lane)


def test_a_connection_that_fails_leaves_the_others_readable() -> None:
    here = Place("123456789012", "us-east-1")
    aws = new_aws(clock=Clock())
    resolved = resolve([_ion(ONE, "a"), _ion(OTHER, "bb")], opener=Leading({"one": here}), lane_for=aws.lane)
    assert [site.place for site in resolved.sites] == [here]
    [unreadable] = resolved.unreadable.values()
    assert "aws sso login --profile other" in unreadable.why


def _no_lane(_: Place) -> NoReturn:
    raise AssertionError("nothing is read")

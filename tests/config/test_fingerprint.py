"""The fingerprint tells files apart by what they ask for, and by nothing else."""

import pytest

from reconciler.config import fingerprint, parse

FILE = """\
version: 1
region: us-east-1
defaults: {alias: live}
ions:
  a: {concurrency: 1}
  b: {concurrency: 2, version: 7}
limits: {concurrency: 10}
prices: {us-east-1: {x86_64: 1, arm64: 2}, us-west-2: {x86_64: 1, arm64: 2}}
"""
SAME = """\
# the same, said differently
prices:
  us-west-2: &price {arm64: 2.0, x86_64: 1}
  us-east-1: *price
limits: {concurrency: 10}
groups:
  b: {ions: {x: {function: b, concurrency: 2, version: "7"}}}
ions:
  a: 1
defaults: {"alias": 'live'}
region: "us-east-1"
version: 1
"""


def _of(text: str) -> str:
    return fingerprint(parse(text.encode(), source="warm.yaml"))


def test_it_is_a_sha256() -> None:
    prefix, digits = _of(FILE).split(":")
    assert prefix == "sha256"
    assert len(bytes.fromhex(digits)) == 32


def test_order_comments_anchors_quotes_and_groups_do_not_count() -> None:
    assert _of(SAME) == _of(FILE)


def test_the_name_of_the_file_does_not_count() -> None:
    assert fingerprint(parse(FILE.encode(), source="other.yaml")) == _of(FILE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("region: us-east-1", "region: us-west-2"),
        ("region: us-east-1", "region: us-east-1\nprofile: p"),
        ("region: us-east-1", 'region: us-east-1\naccount: "123456789012"'),
        ("region: us-east-1", "region: us-east-1\nrole_arn: arn:aws:iam::123456789012:role/r"),
        ("alias: live", "alias: blue"),
        ("a: {concurrency: 1}", "a: {concurrency: 0}"),
        ("a: {concurrency: 1}", "a:"),
        ("a: {concurrency: 1}", "a: {concurrency: 1, permissions: mirror}"),
        ("a: {concurrency: 1}", "a: {concurrency: 1, event_sources: alias}"),
        ("a: {concurrency: 1}", "c: {concurrency: 1}"),
        ("  a: {concurrency: 1}\n", ""),
        ("version: 7", "version: 8"),
        ("version: 7", "version: unmanaged"),
        (", version: 7", ""),
        ("limits: {concurrency: 10}", "limits: {concurrency: 11}"),
        ("limits: {concurrency: 10}", "limits: {concurrency: 10, monthly_usd: 1}"),
        ("prices: {us-east-1: {x86_64: 1,", "prices: {us-east-1: {x86_64: 3,"),
    ],
)
def test_whatever_is_asked_for_counts(old: str, new: str) -> None:
    assert old in FILE
    assert _of(FILE.replace(old, new)) != _of(FILE)

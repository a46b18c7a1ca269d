"""Which endpoints are AWS's own, by what botocore itself makes of each region."""

import botocore.session
import pytest
from botocore.loaders import create_loader

from reconciler.aws.endpoint import SUFFIXES, foreign_endpoint

SERVICES = ("lambda", "sts", "application-autoscaling")
REGIONS = ("us-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eusc-de-east-1")


def _foreign(service: str, region: str, url: str | None = None) -> str | None:
    session = botocore.session.Session()
    session.set_credentials("any", "any")
    return foreign_endpoint([session.create_client(service, region_name=region, endpoint_url=url)])


@pytest.mark.parametrize("dual", ["", "use_dualstack_endpoint", "use_fips_endpoint"])
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("region", REGIONS)
def test_what_botocore_resolves_by_itself_is_awss_own(
    service: str, region: str, dual: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if dual:
        monkeypatch.setenv(f"AWS_{dual.upper()}", "true")
    assert _foreign(service, region) is None


def test_every_partition_that_botocore_knows_is_known() -> None:
    partitions = create_loader().load_data("partitions")["partitions"]
    named = {each["outputs"][kind] for each in partitions for kind in ("dnsSuffix", "dualStackDnsSuffix")}
    assert named == set(SUFFIXES)


@pytest.mark.parametrize(
    "url",
    [
        "https://lambda.us-east-1.amazonaws.com",
        "https://vpce-0a1b-2c3d.lambda.us-east-1.vpce.amazonaws.com",
        "https://vpce-0a1b-2c3d-us-east-1a.lambda.us-east-1.vpce.amazonaws.com/",
    ],
)
def test_an_endpoint_of_awss_own_that_is_configured_is_awss_own(url: str) -> None:
    assert _foreign("lambda", "us-east-1", url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4566",
        "https://lambda.us-west-2.amazonaws.com",
        "https://mine.us-east-1.elb.amazonaws.com",
        "https://ec2-1-2-3-4.compute-1.amazonaws.com",
        "https://lambda.us-east-1.amazonaws.com.example.org/x",
        "https://notlambda.us-east-1.amazonaws.com",
    ],
)
def test_any_other_host_is_named(url: str) -> None:
    assert _foreign("lambda", "us-east-1", url) == url


def test_user_information_is_masked() -> None:
    assert _foreign("lambda", "us-east-1", "http://me:secret@localhost:4566/x?key=1") == "http://***@localhost:4566/x"

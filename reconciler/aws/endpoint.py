"""Where a client's answers come from: AWS's own endpoint of its region, or another one, by name. Pure.

The suffixes are those of botocore's partitions, dual-stack ones included; an interface endpoint of a VPC
(`vpce-….lambda.us-east-1.vpce.amazonaws.com`) is AWS's own too. A host that merely ends like one of AWS's, such as a
load balancer's, is not.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

SUFFIXES = (
    "amazonaws.com",
    "api.aws",
    "amazonaws.com.cn",
    "api.amazonwebservices.com.cn",
    "amazonaws.eu",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "api.aws.scloud",
    "cloud.adc-e.uk",
    "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.hci.ic.gov",
)


def foreign_endpoint(clients: Iterable[Any]) -> str | None:
    """The first endpoint among these boto3 clients that is not AWS's own, user information masked; None: there is none.

    As `http://host:port/path`.
    """
    metas = (client.meta for client in clients)
    return next((_masked(each.endpoint_url) for each in metas if not _is_aws(each)), None)


def _is_aws(meta: Any) -> bool:  # noqa: ANN401 - botocore's ClientMeta, whose stubs lack the prefix
    prefix = re.escape(meta.service_model.endpoint_prefix)
    suffixes = "|".join(map(re.escape, SUFFIXES))
    own = rf"(vpce-[\w-]+\.)?{prefix}(-fips)?(\.{re.escape(meta.region_name)})?(\.vpce)?\.({suffixes})"
    return re.fullmatch(own, urlsplit(meta.endpoint_url).hostname or "") is not None


def _masked(url: str) -> str:
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    return f"{parts.scheme}://{'***' if user else ''}{at}{host}{parts.path}"

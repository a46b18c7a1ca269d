"""What a file asks for, as one hash: whether a saved plan was made from another file is told by it.

Comments, order, anchors, quotes and positions don't count, nor does under which group an ion stands: only what would
be done, and under which limits and prices it would be judged.
"""

from dataclasses import asdict
from typing import TYPE_CHECKING

from reconciler.model.desired import Config, Desired, FollowLatest, Pinned, Unmanaged, VersionWish

if TYPE_CHECKING:
    from reconciler.model.scaling import Scaled


def fingerprint(config: Config) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    import hashlib  # noqa: PLC0415 - with json 9 ms, which `validate` and `schema` need not spend
    import json  # noqa: PLC0415 - as above

    asked = {
        "ions": sorted((_ion(one) for one in config.desired), key=json.dumps),
        "limits": [config.limits.concurrency, config.limits.monthly_usd],
        "prices": {region: [price.x86_64, price.arm64] for region, price in config.prices.items()},
    }
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _ion(desired: Desired) -> list[object]:
    place = desired.connection
    return [
        *(place.account, place.region, place.profile, place.role_arn, place.external_id),
        desired.function,
        desired.alias,
        _version(desired.version),
        _concurrency(desired.concurrency),
        desired.callers.permissions,
        desired.callers.event_sources,
    ]


def _concurrency(asked: "int | Scaled | None") -> object:
    return asked if asked is None or isinstance(asked, int) else asdict(asked)


def _version(wish: VersionWish) -> str:
    match wish:
        case FollowLatest():
            return "latest"
        case Pinned(number):
            return number
        case Unmanaged():
            return "unmanaged"

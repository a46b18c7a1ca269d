"""Scaling policies' alarms in the CloudWatch that moto is, so that DescribeAlarms shows them."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from reconciler.model.observed import AccountRegion
from reconciler.sandbox import moto_backend
from reconciler.sandbox.wire import Request, Scope

_HEADERS = {"authorization": "AWS4-HMAC-SHA256", "content-type": "application/x-www-form-urlencoded"}


def put(place: AccountRegion, alarm: Mapping[str, str]) -> None:
    """Make or change an alarm, given in PutMetricAlarm's members; it has no data yet."""
    _ask(place, {"Action": "PutMetricAlarm", **alarm})
    reason = {"StateValue": "INSUFFICIENT_DATA", "StateReason": "Unchecked: Initial alarm creation"}
    _ask(place, {"Action": "SetAlarmState", "AlarmName": alarm["AlarmName"], **reason})


def delete(place: AccountRegion, names: Iterable[str]) -> None:
    numbered = {f"AlarmNames.member.{number}": name for number, name in enumerate(names, 1)}
    if numbered:
        _ask(place, {"Action": "DeleteAlarms", **numbered})


def _ask(place: AccountRegion, form: Mapping[str, str]) -> None:
    body = urlencode({**form, "Version": "2010-08-01"}).encode()
    moto_backend.answer(Request("POST", "/", "", _HEADERS, body), Scope("", place.region, "monitoring"), place.account)

"""Scaling activities: what was done, or could not be, newest first, for six weeks."""

import uuid
from collections.abc import Mapping

from reconciler.sandbox.scaling.errors import DIMENSION, NAMESPACE
from reconciler.sandbox.scaling.region import REMEMBERED, Body, Call, Region, Rule, page, time_of
from reconciler.sandbox.scaling.state import Activity


def describe(call: Call) -> Body:
    """Those that scaled nothing only with IncludeNotScaledActivities."""
    wanted = call.text("ResourceId")
    found = [
        _described(call.region, activity)
        for activity in reversed(call.region.activities)
        if call.required("ServiceNamespace") == NAMESPACE
        and wanted in {None, activity.resource_id}
        and activity.began > call.now - REMEMBERED
        and (activity.reason is None or call.params.get("IncludeNotScaledActivities") is True)
    ]
    return page(call, "ScalingActivities", found)


def _described(region: Region, activity: Activity) -> Body:
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{region.account}/{region.name}/activity/{activity.number}")
    reasons: Body = {} if activity.reason is None else {"NotScaledReasons": [{"Code": activity.reason}]}
    return {
        "ActivityId": str(identity),
        "ServiceNamespace": NAMESPACE,
        "ResourceId": activity.resource_id,
        "ScalableDimension": DIMENSION,
        "Description": activity.description,
        "Cause": activity.cause,
        "StartTime": time_of(activity.began),
        "EndTime": time_of(activity.began),
        "StatusCode": activity.status,
        "StatusMessage": activity.message,
        **reasons,
    }


RULES: Mapping[str, Rule] = {"DescribeScalingActivities": describe}

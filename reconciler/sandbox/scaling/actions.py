"""Scheduled actions: put (an upsert), delete, describe.

What is left out of an update stays, but StartTime and EndTime, which are deleted then (AWS's service model). An action
is not retroactive: it first runs at its next moment after it was put.
"""

from collections.abc import Mapping
from functools import cache
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

from reconciler.sandbox.scaling import schedule
from reconciler.sandbox.scaling.errors import BOUNDS, invalid, no_action, too_many
from reconciler.sandbox.scaling.region import (
    Body,
    Call,
    Region,
    Rule,
    about,
    moment_of,
    named,
    number_of,
    page,
    time_of,
)
from reconciler.sandbox.scaling.schedule import Times
from reconciler.sandbox.scaling.state import Action, Target, with_action

MOST = 200  # actions of one target


def put(call: Call) -> Body:
    target, name = call.target(), call.required("ScheduledActionName")
    before = target.actions.get(name)
    if before is None and len(target.actions) >= MOST:
        raise too_many("scheduled actions for this scalable target", MOST)
    text = call.text("Schedule") or (before.schedule if before else None)
    zone = call.text("Timezone") or (before.timezone if before else None)
    minimum, maximum = _bounds(call, before)
    times = _times(call, text, zone)
    action = Action(
        name,
        before.arn if before else _arn(call.region, target, name),
        text or "",
        zone,
        times,
        minimum,
        maximum,
        before.created if before else call.now,
        times.next_after(call.now),
    )
    call.region.put(with_action(target, name, action))
    return {"ScheduledActionARN": action.arn}


def _bounds(call: Call, before: Action | None) -> tuple[int | None, int | None]:
    """Both bounds, or one of them; without ScalableTargetAction, those from before."""
    given = cast("Mapping[str, object] | None", call.params.get("ScalableTargetAction"))
    if given is None and before is not None:
        return before.minimum, before.maximum
    minimum, maximum = (number_of((given or {}).get(member)) for member in ("MinCapacity", "MaxCapacity"))
    if minimum is None and maximum is None:
        raise invalid("A scheduled action needs a minimum or a maximum capacity")
    if minimum is not None and minimum < 0:
        raise invalid("Minimum capacity cannot be less than 0")
    if maximum is not None and maximum < (minimum or 0):
        raise invalid(BOUNDS)
    return minimum, maximum


def _times(call: Call, text: str | None, zone: str | None) -> Times:
    if text is None:
        raise invalid("A new scheduled action needs a schedule")
    try:
        expression = schedule.parse(text)
    except ValueError:
        raise invalid(f"Invalid schedule expression: {text}") from None
    unknown = call.region.behaviour.unknown_zones
    if zone is not None and (zone in unknown or zone not in _zones()):
        raise invalid(f"Invalid time zone: {zone}")
    starts, ends = moment_of(call.params.get("StartTime")), moment_of(call.params.get("EndTime"))
    if starts is not None and ends is not None and ends <= starts:
        raise invalid("EndTime must be after StartTime")
    return Times(expression, ZoneInfo(zone or "UTC"), call.now, starts, ends)


@cache
def _zones() -> frozenset[str]:
    """Every zone that there is: finding out takes a while."""
    return frozenset(available_timezones())


def _arn(region: Region, target: Target, name: str) -> str:
    resource = f"resource/lambda/{target.resource_id}:scheduledActionName/{name}"
    return region.arn("autoscaling", f"scheduledAction:{region.unique()}:{resource}")


def delete(call: Call) -> Body:
    name, target = call.required("ScheduledActionName"), call.registered()
    if name not in target.actions:
        raise no_action(call.resource_id, name)
    call.region.put(with_action(target, name, None))
    return {}


def describe(call: Call) -> Body:
    wanted = call.names("ScheduledActionNames")
    found = [
        _described(call.region, target, action)
        for target in about(call)
        for action in sorted(target.actions.values(), key=lambda one: one.name)
        if not wanted or action.name in wanted
    ]
    return page(call, "ScheduledActions", found)


def _described(region: Region, target: Target, action: Action) -> Body:
    behaviour, times = region.behaviour, action.times
    text = action.schedule
    if behaviour.answers_normalised_cron and text.startswith("cron("):
        text = f"cron({' '.join(text[5:-1].upper().split())})"
    zone = action.timezone or ("UTC" if behaviour.answers_default_timezone else None)
    moments = {"StartTime": times.starts, "EndTime": times.ends}
    bounds = {"MinCapacity": action.minimum, "MaxCapacity": action.maximum}
    return {
        "ScheduledActionName": action.name,
        "ScheduledActionARN": action.arn,
        **named(target),
        "Schedule": text,
        **({} if zone is None else {"Timezone": zone}),
        **{member: time_of(moment) for member, moment in moments.items() if moment is not None},
        "ScalableTargetAction": {member: number for member, number in bounds.items() if number is not None},
        "CreationTime": time_of(action.created),
    }


RULES: Mapping[str, Rule] = {
    "PutScheduledAction": put,
    "DeleteScheduledAction": delete,
    "DescribeScheduledActions": describe,
}

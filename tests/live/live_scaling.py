"""What is not known of Application Auto Scaling, asked of the account; as `live_questions`."""

from collections.abc import Mapping
from typing import Any

from live_account import SCALING, LiveTarget, soon
from live_questions import ALIAS, LIVE, Answer, Question, aliased, moving, seconds, weights

TARGET: Mapping[str, Any] = {
    "ServiceNamespace": "lambda",
    "ResourceId": "function:f:live",
    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
}
CRON = "cron(0 8 ? * mon-fri *)"  # never in capitals by itself
NEW_ZONES = ("Europe/Kyiv", "America/Ciudad_Juarez", "Asia/Qostanay")  # of 2022 and 2023


def _register(target: LiveTarget, minimum: int) -> str:
    """The error's code, or "" where the call succeeded."""
    refused = target.call("RegisterScalableTarget", {**TARGET, "MinCapacity": minimum, "MaxCapacity": 2}, SCALING).error
    return str(refused["Code"]) if refused else ""


def _registered(target: LiveTarget) -> None:
    """A target that asks for nothing."""
    aliased(target)
    refused = _register(target, 0)
    assert not refused, refused


def _schedule(target: LiveTarget, **optional: str) -> str:
    """Put a scheduled action; the error's code and words, or ""."""
    action = {"ScheduledActionName": "a", "Schedule": CRON, "ScalableTargetAction": {"MinCapacity": 1}, **optional}
    refused = target.call("PutScheduledAction", {**TARGET, **action}, SCALING).error
    return f"{refused['Code']}: {refused['Message']}" if refused else ""


def _requested(target: LiveTarget) -> int:
    found = target.call("GetProvisionedConcurrencyConfig", LIVE)
    return 0 if found.error else int(found.parsed["RequestedProvisionedConcurrentExecutions"])


def _starting(target: LiveTarget) -> Mapping[str, Answer]:
    aliased(target)
    refused = _register(target, 1)
    took = None if refused else soon(lambda: _requested(target) == 1, target.patience)
    said = refused or (
        f"no PC {target.patience:.0f} s after Register" if took is None else f"PC of 1 {took:.1f} s after Register"
    )
    return {"register_starts_from_nothing": Answer(took is not None, said)}


def _actions(target: LiveTarget) -> Mapping[str, Answer]:
    _registered(target)
    refusals: list[str] = []

    def taken() -> bool:
        refusals.append(_schedule(target))
        return not refusals[-1]

    took = soon(taken, target.patience)
    assert took is not None, refusals[-1]
    (action,) = target.must("DescribeScheduledActions", TARGET, SCALING)["ScheduledActions"]
    zone = action.get("Timezone")
    refused = {name: refusal for name in NEW_ZONES if (refusal := _schedule(target, Timezone=name))}
    return {
        "registration_delay": Answer(seconds(took), f"taken {took:.1f} s after Register"),
        "answers_default_timezone": Answer(zone is not None, f"sent no Timezone, answered {zone}"),
        "answers_normalised_cron": Answer(action["Schedule"] != CRON, f"sent {CRON}, answered {action['Schedule']}"),
        "unknown_zones": Answer(frozenset(refused), f"of {', '.join(NEW_ZONES)}; {refused or 'all are taken'}"),
    }


def _outliving(target: LiveTarget) -> Mapping[str, Answer]:
    _registered(target)
    target.must("DeleteAlias", ALIAS)
    asked = {"ServiceNamespace": "lambda", "ResourceIds": [TARGET["ResourceId"]]}
    gone = soon(lambda: not target.must("DescribeScalableTargets", asked, SCALING)["ScalableTargets"], target.patience)
    said = f"there {target.patience:.0f} s later" if gone is None else f"gone {gone:.1f} s later"
    return {"target_outlives_alias": Answer(gone is None, f"the alias was deleted; the target was {said}")}


def _under_weights(target: LiveTarget) -> Mapping[str, Answer]:
    moving(target)
    refused = _register(target, 2)
    if refused:
        return {"retries": Answer("refused", f"Register while the alias moves: {refused}")}
    assert weights(target), "the weight was gone before Register was answered"
    target.settle()
    took = soon(lambda: _requested(target) == 2, target.patience)
    said = f"still 1 {target.patience:.0f} s after READY" if took is None else f"2 within {took:.1f} s of READY"
    return {"retries": Answer(0 if took is None else 1, f"Register of 2 while the alias moves: {said}")}


_OF_ACTIONS = ("registration_delay", "answers_default_timezone", "answers_normalised_cron", "unknown_zones")
SCALING_QUESTIONS = (
    Question(_starting, ("register_starts_from_nothing",), 1),
    Question(_actions, _OF_ACTIONS),
    Question(_outliving, ("target_outlives_alias",)),
    Question(_under_weights, ("retries",), 2),
)

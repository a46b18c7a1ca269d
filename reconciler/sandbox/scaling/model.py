"""Application Auto Scaling of one account and region: a call goes in, an Answer comes out or an ApiError is raised.

It stands beside a control plane, on its clock: whichever of the two is called, what has come due happens first. Answers
are as boto3 gives them (times are datetimes).
"""

from collections.abc import Mapping
from dataclasses import asdict, replace

from reconciler.sandbox.control_plane import Answer, ControlPlane
from reconciler.sandbox.control_plane.errors import misshapen
from reconciler.sandbox.control_plane.shapes import violations
from reconciler.sandbox.scaling import actions, activities, firing, policies, targets, tracking
from reconciler.sandbox.scaling.alarms import Alarm, alarms_of
from reconciler.sandbox.scaling.behaviour import ScalingBehaviour
from reconciler.sandbox.scaling.errors import DIMENSION, NAMESPACE, UNSUPPORTED, invalid, unknown
from reconciler.sandbox.scaling.region import Call, Region, Rule
from reconciler.sandbox.scaling.state import Target

SERVICE = "application-autoscaling"
OPERATIONS: Mapping[str, Rule] = {
    **targets.RULES,
    **actions.RULES,
    **policies.RULES,
    **activities.RULES,
}


class AutoScaling:
    """Made for a control plane, it attaches itself to it."""

    def __init__(self, plane: ControlPlane, *, behaviour: ScalingBehaviour = ScalingBehaviour()) -> None:  # noqa: B008 - frozen
        self.region = Region(plane, behaviour)
        plane.attach(self)

    @property
    def plane(self) -> ControlPlane:
        return self.region.plane

    def call(self, operation: str, params: Mapping[str, object]) -> Answer:
        """Answer one call, or raise the ApiError that AWS answers with."""
        rule = OPERATIONS.get(operation)
        if rule is None:
            raise unknown(operation)
        wrong = violations(operation, params, SERVICE)
        if wrong:
            raise misshapen(wrong)
        if not operation.startswith("Describe"):
            _refuse_other_services(params)
        self.plane.catch_up()
        self._forget_orphans()
        body = rule(Call(self.region, operation, params, self.plane.now()))
        self.plane.catch_up()
        return Answer(200, body)

    def catch_up(self, now: float) -> None:
        """Do what has come due; called by the control plane before each of its calls."""
        firing.catch_up(self.region, now)

    def report_load(self, resource_id: str, utilisation: float) -> None:
        """Let the policies of a target see so high a share of its number in use, for long enough."""
        self.plane.catch_up()
        tracking.react(self.region, self.region.targets[resource_id], utilisation, self.plane.now())

    def copy(self, *, behaviour: ScalingBehaviour | None = None) -> "AutoScaling":
        """A world of its own, the control plane included, that starts as this one is now."""
        plane = self.plane.copy()
        twin = self.beside(plane)
        twin.region.behaviour = behaviour or twin.region.behaviour
        plane.attach(twin)
        return twin

    def beside(self, plane: ControlPlane) -> "AutoScaling":
        """The same targets beside another control plane (a copy of this one's)."""
        twin = object.__new__(AutoScaling)
        region = self.region
        twin.region = replace(
            region, plane=plane, targets=dict(region.targets), due=dict(region.due), activities=region.activities.copy()
        )
        return twin

    def alarms(self) -> Mapping[str, Alarm]:
        """The alarms of all policies by name."""
        return {
            name: alarm
            for target in self.region.targets.values()
            for policy in target.policies.values()
            for name, alarm in alarms_of(target, policy)
        }

    def snapshot(self) -> dict[str, dict[str, object]]:
        """The targets as plain data, for comparing."""
        self.plane.catch_up()
        return {name: _plain(target) for name, target in sorted(self.region.targets.items())}

    def _forget_orphans(self) -> None:
        if self.region.behaviour.target_outlives_alias:
            return
        for target in tuple(self.region.targets.values()):
            if firing.is_orphan(self.region, target, self.plane.now()):
                self.region.remove(target)


def _plain(target: Target) -> dict[str, object]:
    scheduled = {
        action.name: (action.schedule, action.timezone, action.minimum, action.maximum, action.runs_at)
        for action in target.actions.values()
    }
    return {**asdict(replace(target, actions={})), "actions": scheduled}


def _refuse_other_services(params: Mapping[str, object]) -> None:
    """The sandbox scales Lambda's provisioned concurrency and nothing else."""
    named = (params.get("ServiceNamespace", NAMESPACE), params.get("ScalableDimension", DIMENSION))
    if named != (NAMESPACE, DIMENSION):
        raise invalid(UNSUPPORTED)

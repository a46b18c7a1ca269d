"""A model of Application Auto Scaling for Lambda's provisioned concurrency, beside the control plane and on its clock.

model.py is the door. Every call passes the shape of AWS's service model, then one rule of targets, actions, policies
or activities. firing.py is what time does (schedule.py and cron.py say when), capacity.py what is done to Lambda,
tracking.py what load does; state.py says what there is, behaviour.py what nobody knows.

No network, no threads, no sleeping. Where each rule comes from stands beside it, as in the control plane.
"""

from reconciler.sandbox.scaling.behaviour import ScalingBehaviour
from reconciler.sandbox.scaling.model import OPERATIONS, SERVICE, AutoScaling

__all__ = ["OPERATIONS", "SERVICE", "AutoScaling", "ScalingBehaviour"]

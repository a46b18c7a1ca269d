"""One model of Lambda's control plane: AWS's rules as rules, pure but for the clock that it is given.

plane.py is the door. Every call passes shapes.py and names.py, then one rule of functions, versions, aliases,
provisioned, concurrency, permissions, event_sources, async_settings, urls or tags. state.py says what there is,
settling.py what time changes, behaviour.py what nobody knows.

No network, no threads, no sleeping: what time changes follows from the clock at the next look. Where each rule comes
from stands beside it: recorded (an answer of AWS), documentation, or a public issue. What is not known is a switch
(Behaviour).
"""

from reconciler.sandbox.control_plane.behaviour import Behaviour, Clearing, Publishing, Removal, Timing, VersionRevision
from reconciler.sandbox.control_plane.errors import ApiError, UnknownOperation
from reconciler.sandbox.control_plane.plane import Answer, ControlPlane

__all__ = [
    "Answer",
    "ApiError",
    "Behaviour",
    "Clearing",
    "ControlPlane",
    "Publishing",
    "Removal",
    "Timing",
    "UnknownOperation",
    "VersionRevision",
]

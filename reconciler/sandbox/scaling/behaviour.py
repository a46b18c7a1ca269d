"""What nobody knows of Application Auto Scaling: one switch for each open question.

Each default is the likeliest reading; the product must be right under every other one too. Moments are seconds. What
Lambda does when a number is put is the control plane's business, and has switches of its own.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScalingBehaviour:
    """The answers to the open questions that one sandbox gives."""

    # Does RegisterScalableTarget give an alias without provisioned concurrency its minimum?
    register_starts_from_nothing: bool = True
    # Seconds from a RegisterScalableTarget, or from the moment of a scheduled action, until the number is changed.
    lateness: float = 0.0
    # How often a change that Lambda refused is tried again, a minute later each time.
    retries: int = 0
    # Is Timezone answered (as UTC) where none was sent?
    answers_default_timezone: bool = False
    # Is a cron expression answered in capitals, with single blanks?
    answers_normalised_cron: bool = False
    # Does a target outlive its alias, so that its actions fail?
    target_outlives_alias: bool = True
    # Seconds after its registration for which a target is not found by policies and actions.
    registration_delay: float = 0.0
    # Names of time zones that zoneinfo knows and AWS does not.
    unknown_zones: frozenset[str] = frozenset()
    # Requests a second that the service answers, where quotas apply (AWS publishes no number).
    requests_per_second: float = 10.0
    # Which of the caller's own permissions RegisterScalableTarget finds missing ("lambda:GetAlias").
    missing_permissions: tuple[str, ...] = ()

"""Scalable targets that nothing asks for any more, and numbers by load that can't come back. Pure.

A target outlives a file that no longer has it, and perhaps its alias: nothing is deregistered because an ion was taken
out. Load is measured by calls that are served warm, so a number that it took to 0 stays there until something raises
it.
"""

from collections.abc import Iterator, Mapping

from reconciler.advise.doctor.next_steps import shell
from reconciler.decide.scaling import is_ours
from reconciler.model.finding import Finding, Severity
from reconciler.model.observed import Ion, Key, Observed, ScalingTarget, Snapshot
from reconciler.model.scaling import Scaled


def scaling(snapshot: Snapshot, targets: Mapping[Key, ScalingTarget]) -> Iterator[Finding]:
    """Findings about the targets of the file's functions, those of aliases that the file does not name included."""
    ions = {ion.key: ion for ion in snapshot.ions}
    for key, target in sorted(targets.items()):
        if is_ours(target) and (why := _left(key, ions.get(key), snapshot)):
            yield _left_over(key, target, why)
        elif _never_back(target):
            yield _never(key, target)


def _left(key: Key, ion: Ion | None, snapshot: Snapshot) -> str | None:
    """Why nothing asks for a target of ours; None: something does, or the next apply sees to it."""
    if ion is None:
        return "the file does not name the alias"
    observed = snapshot.observations.get(key)
    if isinstance(observed, Observed) and observed.alias is None and not isinstance(ion.desired.concurrency, Scaled):
        return "there is no such alias"
    return "the file leaves its number open" if ion.desired.concurrency is None else None


def _left_over(key: Key, target: ScalingTarget, why: str) -> Finding:
    return Finding(
        "scaling-left",
        key,
        Severity.PROBLEM,
        f"a scalable target of ours ({target.minimum} to {target.maximum} now) keeps scaling it, and {why}",
        "name it in the file with the numbers that are wanted, or deregister the target (its number stays)",
        (
            shell(
                *("aws", "application-autoscaling", "deregister-scalable-target", "--region", key.region),
                *("--service-namespace", "lambda", "--resource-id", f"function:{key.function}:{key.alias}"),
                *("--scalable-dimension", "lambda:function:ProvisionedConcurrency"),
            ),
        ),
    )


def _never_back(target: ScalingTarget) -> bool:
    raised = any((action.minimum or 0) > 0 for action in target.actions or ())
    by_load = any(policy.target is not None for policy in target.policies or ())
    return by_load and target.minimum == 0 and not raised


def _never(key: Key, target: ScalingTarget) -> Finding:
    return Finding(
        "never-back",
        key,
        Severity.HINT,
        f"load may take its number to 0 (0 to {target.maximum}), from where it never comes back: load is measured by "
        "warm calls alone",
        "give it a minimum of 1, or a window that raises it",
    )

"""One function a command, each reading top to bottom like the flow of the data: options in, exit code out.

file -> Desired -> resolve -> observe -> decide -> show -> approve -> apply -> show. Only `observe` and `apply` talk to
AWS; whatever can go wrong on purpose is raised as a ReconcileError, and told by `cli`.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.apply import Manner, Stop
from reconciler.apply import apply as carry_out
from reconciler.approval import approve, check_allowed_codes
from reconciler.config import fingerprint, read, select
from reconciler.decide.identity import write_identities
from reconciler.decide.plan import decide
from reconciler.decide.summary import summarize, summarize_applied
from reconciler.errors import NotApproved
from reconciler.model import Applied, Config, Desired, Plan
from reconciler.observe import observe
from reconciler.options import Options
from reconciler.output import Output
from reconciler.planfile import SavedPlan, Selection, load, save
from reconciler.settle import Means, finish_settled
from reconciler.signals import INTERRUPTED, Signals
from reconciler.sites import Resolved
from reconciler.wiring import Aws, aws_for

OK, FAILED, CHANGES = 0, 1, 2


def validate(options: Options, output: Output, _: Signals) -> int:
    """Check the file, offline."""
    config = read(options.config)
    chosen = _chosen(config, _selection(options))
    ions = "1 ion" if len(chosen) == 1 else f"{len(chosen)} ions"
    if options.format == "json":
        output.raw(json.dumps({"format_version": "1.0", "command": "validate", "ions": len(chosen), "errors": []}))
    else:
        output.raw(f"{config.source}: valid, {ions}.")
    return OK


def schema(_: Options, output: Output, __: Signals) -> int:
    """The JSON Schema of the file."""
    from reconciler.config import json_schema  # noqa: PLC0415 - only here

    output.raw(json.dumps(json_schema(), indent=2))
    return OK


def plan(options: Options, output: Output, _: Signals) -> int:
    """What differs between the file and AWS."""
    config = read(options.config)
    selection = _selection(options)
    chosen = _chosen(config, selection)
    with _aws(config, options) as aws:
        decided, _resolved = _decided(aws, config, chosen, output)
    output.warn(decided.warnings)
    if options.out:
        writes = write_identities(decided.ions)
        save(options.out, SavedPlan(fingerprint(config), selection, decided.digest, writes))
    output.plan(decided)
    summary = summarize(decided)
    if summary.changes and not options.detailed_exitcode and not os.environ.get("CI"):
        saved = f"reconcile apply {options.out}" if options.out else "reconcile apply"
        output.hint(f"To make these changes: {saved}. For scripts: --detailed-exitcode exits 2 when there are any.")
    if summary.troubled:
        return FAILED
    return CHANGES if summary.changes and options.detailed_exitcode else OK


def status(options: Options, output: Output, _: Signals) -> int:
    """What is warm now."""
    config = read(options.config)
    with _aws(config, options) as aws:
        decided, _resolved = _decided(aws, config, _chosen(config, _selection(options)), output)
    output.warn(decided.warnings)
    output.status(decided)
    return FAILED if summarize(decided).unreadable else OK


def apply(options: Options, output: Output, signals: Signals) -> int:
    """Make AWS as the file says."""
    check_allowed_codes(options.allow)
    config = read(options.config)
    saved = load(options.planfile) if options.planfile else None
    if saved and saved.config != fingerprint(config):
        raise NotApproved(
            f"the saved plan was made from a file that asks for something else than {config.source} does now. "
            "Nothing was written",
            hint="plan again, with --out",
        )
    selection = saved.selection if saved and _selection(options) == Selection() else _selection(options)
    chosen = _chosen(config, selection)
    with _aws(config, options) as aws:
        decided, resolved = _decided(aws, config, chosen, output)
        output.warn(decided.warnings)
        applied = _applied(decided, resolved, config, saved, options, output, signals)
    output.applied(decided, applied)
    return _exit_code(applied)


def _applied(  # noqa: PLR0913, PLR0917 - everything that an apply needs
    decided: Plan,
    resolved: Resolved,
    config: Config,
    saved: SavedPlan | None,
    options: Options,
    output: Output,
    signals: Signals,
) -> Applied:
    """Show the plan, have it approved, carry it out, and finish what had to settle first."""
    if options.format == "text":
        output.plan(decided, command="apply")
    try:
        approved = approve(decided, options, saved, output.ask)
    except NotApproved as error:
        if options.format != "text":
            output.plan(decided, command="apply", error=error)
        error.shown = options.format == "json"
        raise
    stop = Stop()
    manner = Manner(timeout=options.timeout, wait=not options.no_wait)
    with signals.gracefully(stop.request), output.progress() as waiting:
        means = Means(config, resolved.sites, manner, stop, waiting.waits)
        applied = carry_out(decided, resolved.sites, manner=manner, stop=stop, watch=waiting.waits)
        return finish_settled(applied, approved, means)


def _exit_code(applied: Applied) -> int:
    if applied.interrupted:
        return INTERRUPTED
    problems = any(result.problem for result in applied.results)
    return FAILED if problems or summarize_applied(applied).troubled else OK


def sandbox(options: Options, _: Output, __: Signals) -> int:
    """An emulated AWS on 127.0.0.1."""
    from reconciler.sandbox import EndpointOptions, serve  # noqa: PLC0415 - an optional extra

    config = read(options.config) if options.config_given or os.path.exists(options.config) else None  # noqa: PTH110
    endpoint = EndpointOptions(
        port=options.port,
        functions=options.functions,
        latency=options.latency,
        quota=options.quota,
        allocation=options.allocation,
        update=options.update,
        log=options.log,
    )
    return serve(endpoint, config)


# ---------------------------------------------------------------- what commands share


def _selection(options: Options) -> Selection:
    return Selection(options.group, options.only, options.exclude)


def _chosen(config: Config, selection: Selection) -> tuple[Desired, ...]:
    return select(config, groups=selection.groups, only=selection.only, exclude=selection.exclude)


@contextmanager
def _aws(config: Config, options: Options) -> Iterator[Aws]:
    with aws_for(config, parallelism=options.parallelism, sandbox=options.sandbox, verbose=options.verbose) as aws:
        yield aws


def _decided(aws: Aws, config: Config, chosen: tuple[Desired, ...], output: Output) -> tuple[Plan, Resolved]:
    """Observe, then decide."""
    with output.progress() as waiting:
        resolved = aws.resolve(chosen)
        world = observe(resolved, watch=waiting)
    return decide(world, config), resolved

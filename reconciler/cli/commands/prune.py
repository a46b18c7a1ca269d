"""`reconcile prune`: delete published versions that nothing needs, with the plan, approval and engine of `apply`."""

from reconciler.cli.approval import check_allowed_codes
from reconciler.cli.commands.applying import Applying
from reconciler.cli.commands.deciding import Decided, chosen, reaching, selection
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.config import read
from reconciler.decide.prune import keeps, plan_prune
from reconciler.model.errors import UsageError
from reconciler.observe import observe
from reconciler.observe.prunable import prunable


def run(options: Options, output: Output, signals: Signals) -> int:
    check_allowed_codes(options.allow)
    config, desired = chosen(read(options.config), selection(options), options)
    if all(keeps(config, ion.function, options.keep) is None for ion in desired):
        raise UsageError(
            "nobody says how many versions to keep beside those in use",
            where=config.source,
            hint="give --keep N, or put `keep_versions: N` into a `defaults` or an ion",
        )
    with reaching(config, options) as aws:

        def decided() -> Decided:
            with output.progress() as waiting:
                resolved = aws.resolve(desired)
                output.endpoint = aws.endpoint
                world = observe(resolved, progress=waiting)
                found = prunable(resolved, config, now=aws.now())
            plan = plan_prune(world, found, config, keep=options.keep, now=aws.now())
            output.warn(plan.warnings)
            return Decided(plan, resolved)

        return Applying(decided, config, options, output, signals).run()

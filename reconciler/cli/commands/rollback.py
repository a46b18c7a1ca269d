"""`reconcile rollback GLOB…`: move aliases to the version before, with the plan, approval and engine of `apply`."""

from dataclasses import replace

from reconciler.cli.approval import check_allowed_codes
from reconciler.cli.commands.applying import Applying
from reconciler.cli.commands.deciding import Decided, chosen, reaching
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.plan_file import Selection
from reconciler.cli.signals import Signals
from reconciler.config import read
from reconciler.decide.plan import decide
from reconciler.decide.rollback import CODE_STAYS, roll_back
from reconciler.observe import observe
from reconciler.observe.versions import going_back, published


def run(options: Options, output: Output, signals: Signals) -> int:
    check_allowed_codes(options.allow)
    config, desired = chosen(read(options.config), Selection(options.group, options.globs, options.exclude), options)
    with reaching(config, options) as aws:

        def decided() -> Decided:
            with output.progress() as waiting:
                resolved = aws.resolve(desired)
                output.endpoint = aws.endpoint
                found = published(resolved)
                back = {ion.key: roll_back(ion.desired, found[ion.key], to=options.to) for ion in resolved.ions}
                resolved = going_back(resolved, back)
                plan = decide(observe(resolved, progress=waiting), config)
            plan = replace(plan, warnings=(*plan.warnings, *([CODE_STAYS] if plan.writes else [])))
            output.warn(plan.warnings)
            return Decided(plan, resolved)

        return Applying(decided, config, options, output, signals).run()

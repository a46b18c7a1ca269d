"""`reconcile doctor`: is the warm capacity reached, and does it pay? Changes nothing in AWS; --write the file."""

from reconciler.advise.doctor import examine, scope_of, survey
from reconciler.cli.advised import check_writable, write_advice
from reconciler.cli.commands import CHANGES, FAILED, OK
from reconciler.cli.commands.deciding import chosen, reaching, selection
from reconciler.cli.file_warnings import file_warnings
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.config import read
from reconciler.config.ion_config import read_ion_config
from reconciler.model.finding import UNJUDGED
from reconciler.model.observed import Unreadable
from reconciler.observe import observe


def run(options: Options, output: Output, _: Signals) -> int:
    check_writable(options)
    ion_config = read_ion_config(options.ion_config) if options.ion_config else None
    config, desired = chosen(read(options.config), selection(options), options)
    output.warn(file_warnings(config, desired))
    with reaching(config, options) as aws, output.progress() as waiting:
        resolved = aws.resolve(desired)
        world = observe(resolved, progress=waiting)
        scope = scope_of(config, world, days=options.days, now=aws.now())
        surveyed = survey(resolved, scope, progress=waiting.more)
        output.endpoint = aws.endpoint
    output.warn(world.warnings)
    findings = examine(config, world, surveyed, scope=scope, ion_config=ion_config)
    output.findings(findings, warnings=world.warnings)
    if options.write:
        write_advice(findings, config, options, output)
    if any(isinstance(observed, Unreadable) for observed in world.observations.values()):
        return FAILED
    found = any(finding.code not in UNJUDGED for finding in findings)
    return CHANGES if found and options.detailed_exitcode else OK

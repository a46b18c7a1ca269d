"""`reconcile init`: a first warm.yaml on stdout, from what is live, from an ion application's file, or from both."""

from reconciler.advise.init import Live, draft, read_live
from reconciler.cli.commands import OK
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.cli.wiring import aws_for
from reconciler.config.ion_config import read_ion_config
from reconciler.model.desired import ConnectionSettings
from reconciler.model.errors import UsageError


def run(options: Options, output: Output, _: Signals) -> int:
    """Without an ion-config.edn, or with a prefix or region, live functions are read."""
    if options.ion_config and not options.group_name:
        raise UsageError("--ion-config needs --group NAME: the Lambda of an ion is called <group>-<ion>")
    ion_config = read_ion_config(options.ion_config) if options.ion_config else None
    wanted = ion_config is None or options.prefix is not None or options.region is not None
    live = _read(options, output) if wanted else None
    output.raw(draft(live, ion_config, group=options.group_name, profile=options.profile))
    return OK


def _read(options: Options, output: Output) -> Live:
    prefix = options.prefix or (f"{options.group_name}-" if options.group_name else "")
    connection = ConnectionSettings(region=options.region, profile=options.profile)
    with aws_for(None, parallelism=options.parallelism, sandbox=False, verbose=options.verbose) as aws:
        opened = aws.sessions()(connection)
        with output.progress() as waiting:
            return read_live(opened, aws.dispatcher_for(opened.place), prefix=prefix, progress=waiting.more)

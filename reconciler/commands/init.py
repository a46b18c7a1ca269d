"""`reconcile init`: a first warm.yaml on stdout, from what is live, from an ion application's file, or from both."""

from reconciler.adopt import Live, draft, read_live
from reconciler.commands import OK
from reconciler.desired import Connection
from reconciler.errors import UsageError
from reconciler.ion_config import read_ion_config
from reconciler.options import Options
from reconciler.output import Output
from reconciler.signals import Signals
from reconciler.wiring import aws_for


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
    connection = Connection(region=options.region, profile=options.profile)
    with aws_for(None, parallelism=options.parallelism, sandbox=False, verbose=options.verbose) as aws:
        opened = aws.sessions()(connection)
        with output.progress() as waiting:
            return read_live(
                opened.place,
                reader=opened.reader,
                inventory=aws.inventory_of(opened),
                lane=aws.lane_for(opened.place),
                prefix=prefix,
                progress=waiting.more,
            )

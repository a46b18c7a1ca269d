"""`reconcile init`: a first warm.yaml, on stdout or in a file.

From what is live, from an ion application's file, or from both.
"""

import shlex

from reconciler.advise.init import Live, draft, live_names, mixed, read_live
from reconciler.cli.commands import OK
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.cli.whole_file import check_new, write_new
from reconciler.cli.wiring import aws_for
from reconciler.config.ion_config import read_ion_config
from reconciler.model.desired import ConnectionSettings
from reconciler.model.errors import UsageError


def run(options: Options, output: Output, _: Signals) -> int:
    """Without an ion-config.edn, or with a prefix or region, live functions are read."""
    if options.ion_config and not options.group_name:
        raise UsageError("--ion-config needs --group NAME: the Lambda of an ion is called <group>-<ion>")
    if options.force and not options.output:
        raise UsageError("--force goes with -o FILE, the file that it replaces")
    if options.output:
        check_new(options.output, force=options.force)
    ion_config = read_ion_config(options.ion_config) if options.ion_config else None
    wanted = ion_config is None or options.prefix is not None or options.region is not None
    live, endpoint = _read(options, output) if wanted else (None, None)
    text = draft(live, ion_config, group=options.group_name, profile=options.profile, endpoint=endpoint)
    if options.output:
        write_new(options.output, text, force=options.force)
        output.hint(f"Wrote {options.output}: see `{shlex.join(('reconcile', 'plan', '-c', options.output))}`.")
    else:
        output.raw(text)
    return OK


def _read(options: Options, output: Output) -> tuple[Live, str | None]:
    """What is live, and the endpoint that says so; None: AWS's own."""
    prefix = options.prefix or (f"{options.group_name}-" if options.group_name else "")
    connection = ConnectionSettings(region=options.region, profile=options.profile)
    with aws_for(None, parallelism=options.parallelism, sandbox=False, verbose=options.verbose) as aws:
        opened = aws.sessions()(connection)
        dispatcher = aws.dispatcher_for(opened.place)
        with output.progress() as waiting:
            names = live_names(opened, dispatcher, prefix=prefix, progress=waiting.more)
        told = None if prefix else mixed(names, opened.place)
        output.warn([told] if told else [])
        with output.progress() as waiting:
            return read_live(
                opened, dispatcher, names, now=aws.now(), prefix=prefix, progress=waiting.more
            ), aws.endpoint

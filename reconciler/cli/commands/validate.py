"""`reconcile validate`: check the file, offline."""

from reconciler.cli.commands import OK
from reconciler.cli.file_warnings import file_warnings
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.config import read, select
from reconciler.report.escape import escape


def run(options: Options, output: Output, _: Signals) -> int:
    """Raises ConfigError with everything that is wrong."""
    config = read(options.config)
    desired = select(config, groups=options.group, only=options.only, exclude=options.exclude)
    output.warn(file_warnings(config, desired))
    ions = len(desired)
    if options.format == "json":
        from reconciler.report.document import validate_document  # noqa: PLC0415 - only where JSON is asked for

        output.document(validate_document(ions))
    else:
        output.raw(f"{escape(config.source)}: valid, {ions} {'ion' if ions == 1 else 'ions'}.")
    return OK

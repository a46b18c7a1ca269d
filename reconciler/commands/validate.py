"""`reconcile validate`: check the file, offline."""

import json

from reconciler.commands import OK
from reconciler.config import read, select
from reconciler.options import Options
from reconciler.output import Output
from reconciler.report.literal import literal
from reconciler.signals import Signals


def run(options: Options, output: Output, _: Signals) -> int:
    """Raises ConfigError with everything that is wrong."""
    config = read(options.config)
    ions = len(select(config, groups=options.group, only=options.only, exclude=options.exclude))
    if options.format == "json":
        output.raw(json.dumps({"format_version": "1.0", "command": "validate", "ions": ions, "errors": []}, indent=2))
    else:
        output.raw(f"{literal(config.source)}: valid, {ions} {'ion' if ions == 1 else 'ions'}.")
    return OK

"""`reconcile completion SHELL`: a static script for the shell; nothing is run when it completes."""

import shtab

from reconciler.cli.arguments import parser
from reconciler.cli.commands import OK
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals


def run(options: Options, output: Output, _: Signals) -> int:
    output.raw(shtab.complete(parser(), shell=options.shell or "bash"))
    return OK

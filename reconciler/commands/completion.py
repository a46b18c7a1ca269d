"""`reconcile completion SHELL`: a static script for the shell; nothing is run when it completes."""

import shtab

from reconciler.arguments import parser
from reconciler.commands import OK
from reconciler.options import Options
from reconciler.output import Output
from reconciler.signals import Signals


def run(options: Options, output: Output, _: Signals) -> int:
    output.raw(shtab.complete(parser(), shell=options.shell or "bash"))
    return OK

"""`reconcile status`: what is warm now, one row an ion. Reads only."""

from reconciler.cli.commands import CHANGES, FAILED, OK
from reconciler.cli.commands.deciding import chosen, observed_and_decided, reaching, selection
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.config import read
from reconciler.decide.summary import summarize


def run(options: Options, output: Output, _: Signals) -> int:
    config, desired = chosen(read(options.config), selection(options), options)
    with reaching(config, options) as aws:
        plan = observed_and_decided(aws, config, desired, output).plan
        now = aws.now()
    output.status(plan, now=now)
    summary = summarize(plan)
    if summary.unreadable:
        return FAILED
    return CHANGES if summary.in_sync < len(plan.ions) and options.detailed_exitcode else OK

"""`reconcile status`: what is warm now, one row an ion. Reads only."""

from reconciler.cli.commands import FAILED, OK
from reconciler.cli.commands.deciding import chosen, observed_and_decided, reaching, selection
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.config import read
from reconciler.decide.summary import summarize


def run(options: Options, output: Output, _: Signals) -> int:
    config = read(options.config)
    desired = chosen(config, selection(options))
    with reaching(config, options) as aws:
        plan = observed_and_decided(aws, config, desired, output).plan
    output.status(plan)
    return FAILED if summarize(plan).unreadable else OK

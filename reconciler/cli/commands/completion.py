"""`reconcile completion SHELL`: a static script for the shell; nothing is run when it completes."""

import argparse

import shtab

from reconciler.cli.arguments import parser
from reconciler.cli.commands import OK
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.model.refusals import LIFTABLE

FILES = {"PATH", "FILE", "PLANFILE"}  # metavars


def run(options: Options, output: Output, _: Signals) -> int:
    output.raw(shtab.complete(_completing(parser()), shell=options.shell or "bash"))
    return OK


def _completing(top: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """With what an option's value may be, where parsing it leaves that open: files, and the codes of refusals."""
    commands = next(each for each in top._actions if isinstance(each, argparse._SubParsersAction))  # noqa: SLF001 - as shtab does
    for command in commands.choices.values():
        for action in command._actions:  # noqa: SLF001 - as above
            if action.metavar in FILES:
                action.complete = shtab.FILE
            if action.dest == "allow":
                action.choices = LIFTABLE
    return top

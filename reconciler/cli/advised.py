"""The numbers that the doctor advises -> the file, after a yes: the difference is shown, and nothing else is changed.

Raises NotApproved, and leaves the file as it is, unless somebody says yes (or --yes); UsageError where there is none.
"""

import difflib
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.whole_file import reason, replace, unwritten
from reconciler.config.edit import Concurrency, edited
from reconciler.config.parser import parse
from reconciler.model.desired import Config
from reconciler.model.errors import NotApproved, UsageError
from reconciler.model.finding import Finding

UNTOUCHED = "the file is not changed"


def check_writable(options: Options) -> None:
    """Raises UsageError where --write has no file to change, or --yes nothing to say yes to."""
    if options.write and options.config == "-":
        raise UsageError("--write changes a file, and -c - is standard input", hint="name the file with -c")
    if options.yes and not options.write:
        raise UsageError("--yes goes with --write: without it the doctor changes nothing")


def write_advice(findings: Sequence[Finding], config: Config, options: Options, output: Output) -> None:
    """Show what would be written, ask, and write. `config` is what the file said when the advice was made."""
    numbers = _numbers(findings)
    path = Path(options.config).resolve()  # through a symbolic link, to the file that it names
    try:
        text, mode = path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise unwritten(options.config, UNTOUCHED, reason(error)) from error
    if parse(text, source=config.source).desired != config.desired:
        raise _changed(config.source)
    result = edited(text, config, numbers)
    output.warn(f"{where}: not written: {why}" for where, why in result.told)
    if result.text == text:
        output.hint("Nothing to write.")
        return
    output.difference(_difference(text, result.text, config.source))
    if not options.yes:
        _ask(output, config.source)
    try:
        if path.read_bytes() != text:  # the question may have stood there for long
            raise _changed(config.source)
        replace(path, result.text.decode(), mode=mode)
    except OSError as error:
        raise unwritten(options.config, UNTOUCHED, reason(error)) from error
    output.hint(f"{config.source} is changed; `reconcile plan` shows what follows.")


def _changed(name: str) -> NotApproved:
    return NotApproved(f"{name} was changed meanwhile, and is left as it is now", hint="run the doctor again")


def _numbers(findings: Sequence[Finding]) -> dict[str, Concurrency]:
    """By the position of the ion's key; a schedule, which is told last, holds the number that was found too."""
    return {one.proposal.where: one.proposal.concurrency for one in findings if one.proposal}


def _difference(before: bytes, after: bytes, name: str) -> Iterator[str]:
    old, new = (text.decode("utf-8-sig").splitlines() for text in (before, after))
    return difflib.unified_diff(old, new, name, f"{name} (advised)", lineterm="", n=2)


def _ask(output: Output, name: str) -> None:
    answer = output.ask(f"Write this into {name}? Only 'yes' is accepted: ")
    if answer is None:
        message = f"cannot prompt for approval: stdin is not a terminal. {UNTOUCHED.capitalize()}"
        raise NotApproved(message, hint="approve with --yes")
    if not answer:
        raise NotApproved(f"not approved: {UNTOUCHED}")

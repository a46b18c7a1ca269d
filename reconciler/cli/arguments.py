"""The words of the command line: every command and its options. Imports nothing heavy.

A usage error raises UsageError, and so exits 1: 2 means "changes pending".
"""

import argparse
from typing import NoReturn

from reconciler import __version__
from reconciler.cli.epilogs import ALL_CODES, codes, epilog
from reconciler.model.errors import UsageError
from reconciler.model.refusals import LIFTABLE

DURATIONS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Once(argparse.Action):
    """An option that means one thing: given twice, it is a usage error rather than the last one's."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, _: str | None = None
    ) -> None:
        if getattr(namespace, self.dest, None) is not None:
            parser.error(f"{'/'.join(self.option_strings)} is given twice")
        setattr(namespace, self.dest, values)


class Formatter(argparse.HelpFormatter):
    """argparse's, but that lines of an epilog stay lines, and that names are not broken at their hyphens."""

    def _fill_text(self, text: str, width: int, _: str) -> str:
        return "\n".join(part for line in text.splitlines() for part in _wrapped(line, width) or [""])

    def _split_lines(self, text: str, width: int) -> list[str]:
        return _wrapped(text, width)


def _wrapped(line: str, width: int) -> list[str]:
    from textwrap import wrap  # noqa: PLC0415 - only for help

    hanging = " " * 7 if line.startswith(" ") else ""
    return wrap(line, width, subsequent_indent=hanging, break_on_hyphens=False)


class Parser(argparse.ArgumentParser):
    """argparse, but for its exit code and its one-line errors."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"see `{self.prog} --help`")


def parser() -> Parser:
    """All commands and their options."""
    top = Parser(
        prog="reconcile",
        description="Keeps Datomic Ion Lambdas warm: aliases and provisioned concurrency as warm.yaml says.",
        epilog=f"{codes(ALL_CODES)}\n\n`reconcile COMMAND --help` has examples.",
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"reconcile {__version__}")
    _plain(top)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _plan(_command(commands, "plan", "what differs between the file and AWS (reads only)"))
    _apply(_command(commands, "apply", "change AWS to match the file"))
    _rollback(_command(commands, "rollback", "move aliases back to the version before"))
    _prune(_command(commands, "prune", "delete published versions that nothing needs"))
    _common(_command(commands, "validate", "check the file, offline"))
    _status(_command(commands, "status", "what is warm now (reads only)"))
    _doctor(_command(commands, "doctor", "is the warm capacity reached, and does it pay? (reads only)"))
    _init(_command(commands, "init", "a first warm.yaml, from what is live or from ion-config.edn"))
    _policy(_command(commands, "iam-policy", "the least-privilege IAM policy for the file's functions"))
    _schema(_command(commands, "schema", "the JSON Schema of the file, for editors, or of a command's JSON"))
    _sandbox(_command(commands, "sandbox", "an emulated AWS on 127.0.0.1, for any AWS client"))
    _completion(_command(commands, "completion", "completion for bash, zsh, fish and others"))
    return top


def _command(commands: "argparse._SubParsersAction[Parser]", name: str, summary: str) -> Parser:
    return commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=epilog(name),
        formatter_class=Formatter,
        allow_abbrev=False,
    )


def _file(command: Parser) -> None:
    command.add_argument(
        *("-c", "--config"),
        action=Once,
        type=_named,
        metavar="PATH",
        help="the file (default: $RECONCILE_CONFIG, else warm.yaml; - is stdin)",
    )


def _plain(command: Parser) -> None:
    kept = argparse.SUPPRESS  # so that none of a command takes back what stands before it
    command.add_argument("--no-color", action="store_true", default=kept, help="no colour (also: NO_COLOR)")
    command.add_argument("-q", "--quiet", action="store_true", default=kept, help="no progress, no warnings")
    command.add_argument(
        "-v", "--verbose", action="store_true", default=kept, help="all ions and steps; log each AWS call"
    )


def _common(command: Parser, *formats: str) -> None:
    _chosen(command)
    command.add_argument(
        "--only", action="append", metavar="GLOB", help="only these functions, or function:alias (repeatable)"
    )
    _format_option(command, *formats)
    _plain(command)


def _chosen(command: Parser) -> None:
    _file(command)
    command.add_argument("--group", action="append", metavar="NAME", help="only this group of the file (repeatable)")
    command.add_argument("--exclude", action="append", metavar="GLOB", help="not these (repeatable)")


def _format_option(command: Parser, *more: str) -> None:
    choices = ("text", "json", "markdown", *more)
    told = f"of the result: {', '.join(choices)} (default: text)"
    command.add_argument("--format", choices=choices, metavar="FORMAT", help=told)


def _connecting(command: Parser) -> None:
    given = "where the file names none; before"
    command.add_argument(
        "--profile", action=Once, type=_named, metavar="NAME", help=f"AWS profile, {given} AWS_PROFILE"
    )
    command.add_argument("--region", action=Once, type=_named, metavar="REGION", help=f"AWS region, {given} AWS_REGION")
    command.add_argument(
        "--parallelism", type=_positive, metavar="N", help="threads for each account and region (default: 16)"
    )


def _reading(command: Parser) -> None:
    _connecting(command)
    command.add_argument("--sandbox", action="store_true", help="an emulated AWS in this process, nothing real")


def _allow(command: Parser) -> None:
    lifted = f"lift one refusal (repeatable): {', '.join(LIFTABLE)}"
    command.add_argument("--allow", action="append", metavar="CODE", help=lifted)


def _plan(command: Parser) -> None:
    _common(command)
    _reading(command)
    _allow(command)
    command.add_argument("--detailed-exitcode", action="store_true", help="exit 2 when changes are pending")
    command.add_argument("--out", type=_named, metavar="FILE", help="save the plan, for `apply FILE`")


def _apply(command: Parser) -> None:
    command.add_argument(
        "planfile", nargs="?", type=_named, metavar="PLANFILE", help="a plan saved by `plan --out`: approved"
    )
    _common(command)
    _reading(command)
    _applying(command)
    _after(command)


def _rollback(command: Parser) -> None:
    command.add_argument("globs", nargs="+", metavar="GLOB", help="these functions, or function:alias")
    command.add_argument("--to", type=_positive, metavar="N", help="this version (default: the one before)")
    _chosen(command)
    _format_option(command)
    _plain(command)
    _reading(command)
    _applying(command)


def _prune(command: Parser) -> None:
    command.add_argument(
        "--keep", type=_whole, metavar="N", help="of the newest, beside those in use (default: keep_versions)"
    )
    _common(command)
    _reading(command)
    _approving(command)


def _applying(command: Parser) -> None:
    _approving(command)
    command.add_argument("--no-wait", action="store_true", help="don't wait for the final READY")
    command.add_argument(
        "--timeout", type=_duration, metavar="15m", help="how long an ion may wait after its last write (default: 15m)"
    )


def _approving(command: Parser) -> None:
    command.add_argument("-y", "--yes", action="store_true", help="don't ask")
    command.add_argument("--expect", type=_named, metavar="DIGEST", help="go on only when the plan has this digest")
    _allow(command)


def _after(command: Parser) -> None:
    command.add_argument(
        "--after",
        metavar="ARN|GROUP|-",
        help="first wait until this group's ion deploy has succeeded: its execution, the group's newest, or what the "
        "deploy printed, on stdin",
    )
    command.add_argument(
        "--after-timeout", type=_duration, metavar="30m", help="how long the deploy may take (default: 30m)"
    )


def _status(command: Parser) -> None:
    _common(command, "openmetrics")
    _reading(command)
    command.add_argument("--detailed-exitcode", action="store_true", help="exit 2 when something is not warm as asked")


def _doctor(command: Parser) -> None:
    _common(command)
    _connecting(command)
    command.add_argument("--days", type=_days, metavar="N", help="of metrics to look at (default: 7)")
    command.add_argument("--ion-config", type=_named, metavar="FILE", help="compare with this ion-config.edn")
    command.add_argument("--detailed-exitcode", action="store_true", help="exit 2 when there are findings")
    command.add_argument("--write", action="store_true", help="put the advised numbers into the file, after a yes")
    command.add_argument("-y", "--yes", action="store_true", help="don't ask before --write changes the file")


def _init(command: Parser) -> None:
    command.add_argument(
        "-o",
        "--output",
        action=Once,
        type=_named,
        metavar="FILE",
        help="write this new file (default: standard output)",
    )
    command.add_argument("--force", action="store_true", help="replace the file of -o where there is one")
    command.add_argument("--prefix", type=_named, metavar="GROUP-", help="only live functions whose names begin so")
    command.add_argument("--ion-config", type=_named, metavar="FILE", help="an ion application's ion-config.edn")
    command.add_argument(
        "--group", type=_named, dest="group_name", metavar="NAME", help="the compute group it is deployed to"
    )
    _connecting(command)
    _plain(command)


def _policy(command: Parser) -> None:
    _file(command)
    command.add_argument("--read-only", action="store_true", help="for plan and status alone")
    command.add_argument("--prune", action="store_true", help="with what prune does besides")
    command.add_argument(
        "--doctor",
        action="store_true",
        help="with what doctor reads besides (init: add lambda:ListFunctions and ListAliases)",
    )
    _plain(command)


def _schema(command: Parser) -> None:
    command.add_argument(
        "--of",
        choices=("file", "plan", "apply", "rollback", "prune", "status", "doctor"),
        metavar="WHAT",
        help="file, or plan, apply, rollback, prune, status or doctor: what that prints with --format json "
        "(default: file)",
    )
    _plain(command)


def _completion(command: Parser) -> None:
    command.add_argument("shell", choices=("bash", "zsh", "fish", "tcsh", "powershell"))
    _plain(command)


def _sandbox(command: Parser) -> None:
    _file(command)
    _plain(command)
    command.add_argument("--port", type=_whole, metavar="N", help="0: any that is free (default: 4580)")
    command.add_argument("--functions", type=_whole, metavar="N", help="make up so many functions")
    command.add_argument("--latency", type=_seconds, metavar="SECONDS", help="of every answer")
    command.add_argument("--quota", action="store_true", help="throttle as AWS does")
    command.add_argument(
        "--allocation", type=_seconds, metavar="SECONDS", help="that provisioned concurrency takes (default: 60)"
    )
    command.add_argument(
        "--update",
        type=_seconds,
        metavar="SECONDS",
        help="that an update of $LATEST, of an event source mapping or a deploy takes",
    )
    command.add_argument("--clock", type=_factor, metavar="FACTOR", help="let time run so many times as fast")
    command.add_argument("--log", type=_named, metavar="FILE", help="journal of calls (-: standard error)")


def _named(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("is empty; give it a value or leave it out")
    return text


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


def _positive(text: str) -> int:
    number = _whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _days(text: str) -> int:
    """CloudWatch keeps metrics of an hour for 455 days."""
    number = _positive(text)
    if number > 455:
        raise argparse.ArgumentTypeError("at most 455: CloudWatch keeps no more")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return number


def _factor(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of times above 0")
    return number


def _duration(text: str) -> float:
    """`90`, `90s`, `15m`, `1h`: seconds."""
    number, unit = (text[:-1], DURATIONS[text[-1]]) if text[-1:] in DURATIONS else (text, 1.0)
    try:
        seconds = _seconds(number) * unit
    except argparse.ArgumentTypeError:
        seconds = 0.0
    if not seconds:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration, such as 15m, 90s or 1h")
    return seconds

"""`--after`: which deploy an `apply` comes after, and the wait for it.

ARN is the execution's, GROUP a compute group of the file, and `-` is what `:op :deploy` printed, on standard input. The
region and account of an ARN must be the group's. What does not go together is a usage error, before AWS is reached.
"""

import re
import sys
from typing import TYPE_CHECKING, Final

from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.model.desired import Config
from reconciler.model.errors import ReconcileError, UsageError

if TYPE_CHECKING:
    from reconciler.cli.wiring import Aws
    from reconciler.observe.deploys import Deploy

MOST: Final = 1024 * 1024  # bytes of a deploy's output
_EXECUTION: Final = re.compile(
    r"arn:[a-z-]+:states:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):execution:datomic-(?P<group>[A-Za-z0-9_-]+):[^:\s]+",
    re.ASCII,
)


def deploy_after(options: Options, config: Config) -> "Deploy | None":
    """The deploy that `--after` names; None without the option. Raises UsageError."""
    from reconciler.observe.deploys import Deploy  # noqa: PLC0415 - only with --after

    if options.after is None:
        return None
    if options.group:
        raise UsageError("--after and --group don't go together: --after narrows to the group that is deployed")
    if options.sandbox:
        raise UsageError("--after and --sandbox don't go together: nothing is deployed to the sandbox")
    if options.after == "-" and options.config == "-":
        raise UsageError("--after - and -c - don't go together: standard input is one of the two")
    named = _printed_arn() if options.after == "-" else options.after
    if not named.startswith("arn:"):
        return Deploy(_known(named, config, "--after"))
    found = _EXECUTION.fullmatch(named)
    if found is None:
        raise UsageError(
            f"--after {named!r} is not the ARN of an ion deploy's execution",
            hint="it looks like arn:aws:states:REGION:ACCOUNT:execution:datomic-GROUP:datomic-GROUP-NUMBER",
        )
    group = _known(found["group"], config, f"--after {named}")
    _check_declared(config, group, found)
    return Deploy(group, named)


def wait_for_deploy(deploy: "Deploy", aws: "Aws", config: Config, options: Options, output: Output) -> None:
    """Wait until it has succeeded; raises ReconcileError otherwise.

    Where the group can't be reached, or its account is another, nothing is awaited: the plan says so.
    """
    from reconciler.observe.deploys import DeployWait  # noqa: PLC0415 - only with --after

    resolved = aws.resolve(tuple(ion for ion in config.desired if ion.group == deploy.group))
    output.endpoint = aws.endpoint
    for environment in resolved.environments[:1]:
        place = environment.place
        found = _EXECUTION.fullmatch(deploy.arn) if deploy.arn else None
        if found and (found["account"], found["region"]) != (place.account, place.region):
            raise ReconcileError(
                f"the execution is of account {found['account']}, {found['region']}, and group {deploy.group} is in "
                f"account {place.account}, {place.region}. Nothing was written",
                hint="check the ARN, the credentials and the region",
            )
        DeployWait(environment, deploy, options.after_timeout, aws.now, output.note).run()


def _known(group: str, config: Config, option: str) -> str:
    groups = tuple(dict.fromkeys(ion.group for ion in config.desired if ion.group is not None))
    if group not in groups:
        hint = f"groups with ions: {', '.join(groups)}" if groups else "the file has no groups"
        raise UsageError(f"{option}: the file has no group {group!r} with ions", where=config.source, hint=hint)
    return group


def _check_declared(config: Config, group: str, found: re.Match[str]) -> None:
    """What the file declares of the group, held against the ARN."""
    connection = next(ion.connection for ion in config.desired if ion.group == group)
    for name, said in (("account", connection.account), ("region", connection.region)):
        if said is not None and said != found[name]:
            raise UsageError(
                f"the execution is of {name} {found[name]}, and the file says {said} for group {group}",
                where=config.source,
                hint="name an execution of this group, or mend the file",
            )


def _printed_arn() -> str:
    """`:execution-arn` of the deploy's output, which may have other lines before its map."""
    from reconciler.config.edn import read_edn  # noqa: PLC0415 - slow, and only for --after -

    source = "the deploy's output on standard input"
    try:
        text = sys.stdin.read(MOST) if sys.stdin and not sys.stdin.closed else ""
    except (OSError, ValueError) as error:
        raise ReconcileError(f"can't be read: {type(error).__name__}", where=source) from None
    content = read_edn(text[_map_begins(text) :], source)
    arn = content.get("execution-arn") if isinstance(content, dict) else None
    if not isinstance(arn, str):
        raise ReconcileError(
            "has no :execution-arn. Nothing was written",
            where=source,
            hint='pipe what `:op :deploy` prints, {:execution-arn "arn:…" …}; did the deploy fail to start?',
        )
    return arn


def _map_begins(text: str) -> int:
    """Where the last line that opens a map begins."""
    lines = [found.start() for found in re.finditer(r"^\{", text, re.MULTILINE)]
    return lines[-1] if lines else 0

"""What to do about a finding: a sentence and shell commands; and the command that allows a caller on the alias. Pure.

Every word of AWS's that gets into a command is quoted for the shell.
"""

import shlex
from dataclasses import dataclass

from reconciler.model.inventory import Permission
from reconciler.model.observed import Key


@dataclass(frozen=True, slots=True)
class Advice:
    todo: str
    commands: tuple[str, ...] = ()


def shell(*words: str) -> str:
    """One command line."""
    return " ".join(shlex.quote(word) for word in words)


def allow(permission: Permission, target: Key) -> Advice:
    """How to allow on the alias what is allowed on the bare function."""
    optional = (
        ("--source-arn", permission.source),
        ("--source-account", permission.source_account),
        ("--principal-org-id", permission.organization),
        ("--function-url-auth-type", permission.url_auth),
    )
    command = shell(
        *("aws", "lambda", "add-permission", "--region", target.region),
        *("--function-name", target.function, "--qualifier", target.alias),
        *("--statement-id", permission.sid, "--action", permission.action, "--principal", permission.principal),
        *(word for option, value in optional if value for word in (option, value)),
    )
    others = f" (its conditions on {', '.join(permission.others)} can't be set so)" if permission.others else ""
    mirror = "or let the file say `permissions: mirror`, and apply"
    return Advice(f"allow it on the alias before it is switched over{others}, {mirror}", (command,))

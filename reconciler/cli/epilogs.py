"""What `--help` ends with, for each command: examples that work as they stand, and the exit codes. Imports nothing."""

from collections.abc import Iterator, Mapping

FAILED = "an error: a bad file or bad usage, or AWS refused"
READ = "interrupted"

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "plan": (
        "reconcile plan",
        "reconcile plan --group inventory-prod --detailed-exitcode",
        "reconcile plan --sandbox -c warm.yaml.example",
    ),
    "apply": (
        "reconcile apply",
        "reconcile apply --yes --only 'inventory-prod-*'",
        "reconcile plan --out plan.json && reconcile apply plan.json",
        "reconcile apply --after inventory-prod --yes",
    ),
    "rollback": ("reconcile rollback 'inventory-prod-*'", "reconcile rollback inventory-prod-get-items:live --to 6"),
    "prune": ("reconcile prune --keep 5", "reconcile prune --group inventory-prod --yes"),
    "validate": ("reconcile validate", "reconcile validate -c - < warm.yaml"),
    "status": (
        "reconcile status",
        "reconcile status --detailed-exitcode --format json",
        "reconcile status --format openmetrics > reconcile.prom",
    ),
    "doctor": (
        "reconcile doctor --days 14",
        "reconcile doctor --days 14 --write",
        "reconcile doctor --ion-config resources/datomic/ion-config.edn",
    ),
    "init": (
        "reconcile init -o warm.yaml --prefix inventory-prod-",
        "reconcile init --ion-config ion-config.edn --group inventory-prod > warm.yaml",
    ),
    "iam-policy": ("reconcile iam-policy --read-only > policy.json",),
    "schema": ("reconcile schema > warm.schema.json", "reconcile schema --of plan"),
    "sandbox": ("reconcile sandbox --functions 3 --allocation 10 --log -",),
    "completion": ("reconcile completion bash > ~/.local/share/bash-completion/completions/reconcile",),
}

CODES: Mapping[str, Mapping[int, str]] = {
    "plan": {
        0: "nothing to change, or changes (but see 2)",
        1: f"{FAILED}; an ion is blocked or unreadable",
        2: "with --detailed-exitcode: changes are pending",
        3: "`apply` would be refused by a safety rule",
        130: READ,
    },
    "apply": {
        0: "done, or nothing to do",
        1: f"{FAILED}; an ion is blocked or unreadable, a step failed, a wait ran out",
        3: "refused by a safety rule, or not approved: nothing was written",
        130: "interrupted: what was done is reported",
    },
    "rollback": {
        0: "done, or nothing to do",
        1: f"{FAILED}; an ion is blocked or unreadable, a step failed, a wait ran out",
        3: "refused by a safety rule, or not approved: nothing was written",
        130: "interrupted: what was done is reported",
    },
    "prune": {
        0: "done, or nothing to do",
        1: f"{FAILED}; an ion is unreadable, AWS refused to delete a version",
        3: "refused by a safety rule, or not approved: nothing was written",
        130: "interrupted: what was done is reported",
    },
    "validate": {0: "the file is valid", 1: "it is not: everything that is wrong is told at once"},
    "status": {
        0: "told, whatever it is (but see 2)",
        1: f"{FAILED}; an ion is unreadable",
        2: "with --detailed-exitcode: something is not warm as the file asks",
        130: READ,
    },
    "doctor": {
        0: "told, whatever it is (but see 2)",
        1: f"{FAILED}; an ion is unreadable",
        2: "with --detailed-exitcode: there are findings",
        3: "with --write: not approved, and the file is not changed",
        130: READ,
    },
    "init": {0: "printed or written", 1: f"{FAILED}; nothing is written", 130: READ},
    "iam-policy": {0: "printed", 1: "a bad file or bad usage"},
    "schema": {0: "printed", 1: "bad usage"},
    "sandbox": {0: "stopped by Ctrl-C", 1: "a bad file or bad usage, or the port is taken"},
    "completion": {0: "printed", 1: "bad usage"},
}

ALL_CODES: Mapping[int, str] = {
    0: "done, or nothing to do",
    1: "an error",
    2: "only with --detailed-exitcode: changes are pending (plan), something is not warm as asked (status), "
    "there are findings (doctor)",
    3: "refused by a safety rule, or not approved: nothing was written",
    130: "interrupted",
}


def epilog(command: str) -> str:
    """Examples, then exit codes."""
    return "\n".join([*_titled("examples", EXAMPLES[command]), "", codes(CODES[command])])


def codes(meanings: Mapping[int, str]) -> str:
    """One line an exit code."""
    return "\n".join(_titled("exit codes", (f"{code:<4} {meaning}" for code, meaning in meanings.items())))


def _titled(title: str, lines: "tuple[str, ...] | Iterator[str]") -> Iterator[str]:
    yield f"{title}:"
    yield from (f"  {line}" for line in lines)

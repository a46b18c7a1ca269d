"""The command line's words, as values: what `cli` parsed and `commands` act on. Durations are seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Every option of every command; a command looks at those that it has."""

    command: str
    config: str = "warm.yaml"
    config_given: bool = False
    group: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    format: str = "text"
    parallelism: int = 16
    sandbox: bool = False
    no_color: bool = False
    quiet: bool = False
    verbose: bool = False
    # plan
    detailed_exitcode: bool = False
    out: str | None = None
    # apply
    planfile: str | None = None
    yes: bool = False
    expect: str | None = None
    no_wait: bool = False
    timeout: float = 900.0
    allow: tuple[str, ...] = ()
    # init, doctor, iam-policy
    output: str | None = None
    force: bool = False
    prefix: str | None = None
    region: str | None = None
    profile: str | None = None
    ion_config: str | None = None
    group_name: str | None = None
    days: int = 7
    read_only: bool = False
    doctor: bool = False
    write: bool = False
    # sandbox; None: as the endpoint has it by itself
    port: int | None = None
    functions: int | None = None
    latency: float | None = None
    quota: bool | None = None
    allocation: float | None = None
    update: float | None = None
    clock: float | None = None
    log: str | None = None
    # schema
    of: str = "file"
    # completion
    shell: str | None = None

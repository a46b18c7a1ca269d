"""The command line: words in, exit code out; the one place where errors become messages.

Imports nothing heavy: `--help`, `--version` and usage errors must be instant. Signals are handled before anything heavy
is imported, so that Ctrl-C never shows a traceback.
"""

import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from importlib import import_module
from io import FileIO, TextIOWrapper
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from reconciler.cli.arguments import parser
from reconciler.cli.options import Options
from reconciler.cli.signals import INTERRUPTED, Interruption, Signals
from reconciler.model.errors import OwnFault, ReconcileError, UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

LAST_STREAM = 2  # the descriptor of standard error
COLLECTED_AFTER = 200_000  # objects: until then the collector would only find that all of them are in use


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code. Raises nothing but BrokenPipeError and SystemExit."""
    signals = Signals()
    signals.install()
    words = list(sys.argv[1:] if argv is None else argv)
    options = Options(command=_first_word(words), format=_format(words))
    try:
        if not words:
            parser().print_help(sys.stderr)
            return UsageError.exit_code
        options = _options(words)
        return _run(options, signals)
    except ReconcileError as error:
        return _told(error, options)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last place where a bug can be told in one line
        return _told(OwnFault(error), options)
    except Interruption:
        sys.stderr.write("\nInterrupted. Nothing was written.\n")
        return INTERRUPTED


def _told(error: ReconcileError, options: Options) -> int:
    """Say what went wrong; gives the exit code."""
    from reconciler.cli.output import Output  # noqa: PLC0415 - only when there is something to say

    if isinstance(error, OwnFault) and options.verbose:
        sys.stderr.write(error.traceback)
    Output(options).error(error)
    return error.exit_code


def entry() -> NoReturn:
    """`reconcile` as a program: without the interpreter's teardown, which takes longer than some commands."""
    _open_streams()
    gc.set_threshold(COLLECTED_AFTER, 10, 10)
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # nobody else's plugin sees the file, or is looked for
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as in `| head`
        code = 0
    except SystemExit as asked:  # --help and --version
        code = asked.code if isinstance(asked.code, int) else 1
    _leave(code)


class _Unheard(FileIO):
    """A descriptor whose reader may be gone: messages are lost then, and the work goes on."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return memoryview(data).nbytes


def _open_streams() -> None:
    """Streams that were closed before we started (`>&-`) lead to the null device.

    Descriptors 0 to 2 are taken first, and for good: no socket may ever get one, or messages would go into it.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= LAST_STREAM:
        os.set_inheritable(number, True)  # for a credential_process
    os.close(number)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    with suppress(OSError, ValueError):
        unheard = _Unheard(sys.stderr.fileno(), "w", closefd=False)
        sys.stderr = TextIOWrapper(unheard, sys.stderr.encoding, "backslashreplace", write_through=True)


def _leave(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            continue
    os._exit(code)


def _run(options: Options, signals: Signals) -> int:
    from reconciler.cli.output import Output  # noqa: PLC0415 - after the signals are handled, as what follows

    module = import_module(f"reconciler.cli.commands.{options.command.replace('-', '_')}")
    run: Callable[[Options, Output, Signals], int] = module.run
    return run(options, Output(options), signals)


def _first_word(words: Sequence[str]) -> str:
    """The command, told before the words are parsed; "" when there is none."""
    pairs = pairwise(["", *words])
    return next((word for before, word in pairs if not word.startswith("-") and before != "--format"), "")


def _format(words: Sequence[str]) -> str:
    """The format asked for, told before the words are parsed: a usage error in JSON is an object too."""
    asked = "--format=json" in words or ("--format", "json") in pairwise(words)
    return "json" if asked else "text"


def _options(words: Sequence[str]) -> Options:
    understood, left = parser().parse_known_args(words)
    parsed = vars(understood)
    if left:
        hint = f"see `reconcile {parsed['command']} --help`"
        raise UsageError(f"unrecognized arguments: {' '.join(left)}", hint=hint)
    known = {field.name for field in fields(Options)}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in parsed.items()}
    given = {name: value for name, value in values.items() if name in known and value is not None}
    path = given.get("config")
    environment = os.environ.get("RECONCILE_CONFIG")
    return Options(**given | {"config": path or environment or "warm.yaml", "config_given": bool(path or environment)})

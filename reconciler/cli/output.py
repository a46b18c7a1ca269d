"""Where results and everything else go: the result to stdout, in the format asked for; the rest to stderr."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from reconciler.cli.options import Options
from reconciler.model.errors import ConfigError, ReconcileError
from reconciler.report.console import width_of, write
from reconciler.report.escape import escape

if TYPE_CHECKING:
    from reconciler.model.finding import Finding
    from reconciler.model.observed import Key
    from reconciler.model.outcome import Applied
    from reconciler.model.plan import Plan
    from reconciler.report.documents import Document
    from reconciler.report.layout import Line
    from reconciler.report.progress import Progress


class Output:
    """The two streams, and how the options want them used."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.endpoint: str | None = None  # where answers come from; None: AWS's own endpoints
        self._warned: set[str] = set()

    # ------------------------------------------------------------ results

    def raw(self, text: str) -> None:
        """A result that is a text already."""
        with _reader_may_leave():
            sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def document(self, document: "Document") -> None:
        """A result for programs."""
        from reconciler.report.document import to_text  # noqa: PLC0415

        self.raw(to_text(document))

    def _markdown(self, text: str) -> None:
        from reconciler.report.markdown import code  # noqa: PLC0415

        said = self.endpoint and f"**Endpoint:** {code(self.endpoint)}, which is not AWS\n\n"
        self.raw(f"{said or ''}{text}")

    def plan(self, plan: "Plan", *, refused: ReconcileError | None = None) -> None:
        """`refused`: why an `apply` leaves it at the plan."""
        match self.options.format:
            case "json":
                from reconciler.report.document import plan_document, refused_document  # noqa: PLC0415

                self.document(
                    refused_document(plan, refused, command=self.options.command, endpoint=self.endpoint)
                    if refused
                    else plan_document(plan, endpoint=self.endpoint)
                )
            case "markdown":
                from reconciler.report.markdown import plan_markdown  # noqa: PLC0415

                self._markdown(plan_markdown(plan))
            case _:
                from reconciler.report.text import Show, plan_text  # noqa: PLC0415

                show = Show.EVERYTHING if self.options.verbose else Show.CHANGES
                self._endpoint_line()
                self._lines(plan_text(plan, width=self._width(), show=show, lifted=self.options.allow))

    def applied(self, plan: "Plan", applied: "Applied", *, failed: ReconcileError | None = None) -> None:
        """`failed`: a fault of our own that ended it early."""
        match self.options.format:
            case "json":
                from reconciler.report.document import apply_document  # noqa: PLC0415

                command, endpoint = self.options.command, self.endpoint
                self.document(apply_document(plan, applied, command=command, endpoint=endpoint, failed=failed))
            case "markdown":
                from reconciler.report.markdown import apply_markdown  # noqa: PLC0415

                self._markdown(apply_markdown(plan, applied))
            case _:
                from reconciler.report.applied_text import apply_text  # noqa: PLC0415
                from reconciler.report.text import Show  # noqa: PLC0415

                show = Show.EVERYTHING if self.options.verbose else Show.CHANGES
                self.raw("")  # below the plan
                self._lines(apply_text(plan, applied, width=self._width(), show=show))

    def status(self, plan: "Plan") -> None:
        match self.options.format:
            case "json":
                from reconciler.report.document import status_document  # noqa: PLC0415

                self.document(status_document(plan, endpoint=self.endpoint))
            case "markdown":
                from reconciler.report.markdown import status_markdown  # noqa: PLC0415

                self._markdown(status_markdown(plan, now=time.time()))
            case _:
                from reconciler.report.status_text import status_text  # noqa: PLC0415

                self._endpoint_line()
                self._lines(status_text(plan, width=self._width(), now=time.time()))

    def findings(self, findings: "Sequence[Finding]", *, warnings: Sequence[str]) -> None:
        match self.options.format:
            case "json":
                from reconciler.report.document import doctor_document  # noqa: PLC0415

                days = self.options.days
                self.document(doctor_document(findings, days=days, warnings=warnings, endpoint=self.endpoint))
            case "markdown":
                from reconciler.report.doctor_markdown import doctor_markdown  # noqa: PLC0415

                self._markdown(doctor_markdown(findings))
            case _:
                from reconciler.report.doctor_text import doctor_text  # noqa: PLC0415

                self._endpoint_line()
                self._lines(doctor_text(findings, width=self._width()))

    def _endpoint_line(self) -> None:
        if self.endpoint:
            self.raw(f"Endpoint: {escape(self.endpoint)}, which is not AWS")

    def _width(self) -> int | None:
        return width_of(sys.stdout)

    def _lines(self, lines: "Iterable[Line]") -> None:
        with _reader_may_leave():
            write(lines, sys.stdout, colour="never" if self.options.no_color else "auto")

    # ------------------------------------------------------------ everything else

    def error(self, error: ReconcileError) -> None:
        """What went wrong, on stderr; with --format json also as an object on stdout."""
        if self.options.format == "json" and not error.shown:
            from reconciler.report.document import error_document  # noqa: PLC0415

            self.document(error_document(self.options.command, error))
        say_error(error, sys.stderr)

    def warn(self, warnings: Iterable[str]) -> None:
        """What people should know, on stderr; once, although AWS is looked at again."""
        told = tuple(warning for warning in warnings if warning not in self._warned)
        self._warned.update(told)
        if told and not self.options.quiet:
            from reconciler.report.text import warnings_text  # noqa: PLC0415 - not for `validate`

            self._beside(warnings_text(told, width=width_of(sys.stderr)))

    def hint(self, text: str) -> None:
        if not self.options.quiet and self.options.format == "text":
            sys.stderr.write(escape(text) + "\n")

    def note(self, text: str) -> None:
        """What goes on, as a line of its own on stderr."""
        if not self.options.quiet:
            sys.stderr.write(escape(text) + "\n")
            sys.stderr.flush()

    @contextmanager
    def progress(self) -> Iterator["Waiting"]:
        """What is going on meanwhile, gone from the screen afterwards."""
        from reconciler.report.progress import Silent, progress_for  # noqa: PLC0415 - not for `validate`

        shown = Silent() if self.options.quiet or self.options.verbose else progress_for(sys.stderr)
        try:
            yield Waiting(shown)
        finally:
            shown.close()

    def ask(self, question: str, about: "Plan") -> bool | None:
        """Put a question on the terminal, below the plan that it is about; None: there is none."""
        if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():  # None: closed before we started
            return None
        sys.stdout.flush()
        if self.options.format != "text":
            self._plan_beside(about)
        sys.stderr.write(f"\n{escape(question)}")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        sys.stderr.write("" if answer else "\n")
        return answer.strip() == "yes"

    def _plan_beside(self, plan: "Plan") -> None:
        """The plan for people, where the result is a document that comes later."""
        from reconciler.report.text import plan_text  # noqa: PLC0415

        self._beside(plan_text(plan, width=width_of(sys.stderr), lifted=self.options.allow))

    def _beside(self, lines: "Iterable[Line]") -> None:
        """Lines on stderr, like the result's."""
        write(lines, sys.stderr, colour="never" if self.options.no_color else "auto")


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    """Pass results on at once. Who has seen enough of them, as `| head`, gets no more, and the work goes on."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for as long as the program lasts
        if not isinstance(error, BrokenPipeError):
            raise ReconcileError(f"the result can't be written: {error.strerror}") from error


class Waiting:
    """Which ions wait for what, told to a Progress. Several sites tell at once: each sees a whole list."""

    def __init__(self, shown: "Progress") -> None:
        self._shown = shown
        self._lines: dict[Key, str] = {}
        self._answers = 0

    def more(self, answers: int) -> None:
        """So many more answers have come, of nobody knows how many."""
        self._answers += answers
        self._shown.waiting([("Reading", f"{self._answers} answers so far")])

    def reads(self, done: int, total: int, left: float) -> None:
        self._shown.reads(done, total, left)

    def waits(self, key: "Key", what: str | None) -> None:
        if what is None:
            self._lines.pop(key, None)
        else:
            self._lines[key] = what
        lines = list(self._lines.items())
        self._shown.waiting([(f"{each.function}:{each.alias}", words) for each, words in lines])


def say_error(error: ReconcileError, stream: TextIO) -> None:
    """An error for people: where, what, and what to do."""
    lines: Sequence[str]
    if isinstance(error, ConfigError):
        count = len(error.problems)
        lines = [line for problem in error.problems for line in str(problem).split("\n")]
        lines = [*lines, f"{count} {'problem' if count == 1 else 'problems'} in the file."]
    else:
        where = f"{error.where}: " if error.where else ""
        lines = [f"Error: {where}{error.message}"]
    if error.hint:
        lines = [*lines, f"  {error.hint}"]
    stream.write("".join(f"{escape(line)}\n" for line in lines))

"""Where results and everything else go: the result to stdout, in the format asked for; the rest to stderr."""

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from reconciler.cli.options import Options
from reconciler.model.errors import ConfigError, ReconcileError
from reconciler.report.escape import escape

if TYPE_CHECKING:
    from rich.console import RenderableType

    from reconciler.model.finding import Finding
    from reconciler.model.observed import Key
    from reconciler.model.outcome import Applied
    from reconciler.model.plan import Plan
    from reconciler.report.documents import Document
    from reconciler.report.progress import ProgressReporter


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

                self._markdown(plan_markdown(plan, command=self.options.command if refused else "plan"))
            case _:
                from reconciler.report.text import Show, plan_text  # noqa: PLC0415

                show = Show.EVERYTHING if self.options.verbose else Show.CHANGES
                self._endpoint_line()
                self._result(plan_text(plan, show=show, lifted=self.options.allow, command=self.options.command))

    def applied(self, plan: "Plan", applied: "Applied", *, failed: ReconcileError | None = None) -> None:
        """`failed`: a fault of our own that ended it early."""
        match self.options.format:
            case "json":
                from reconciler.report.document import apply_document  # noqa: PLC0415

                command, endpoint = self.options.command, self.endpoint
                self.document(apply_document(plan, applied, command=command, endpoint=endpoint, failed=failed))
            case "markdown":
                from reconciler.report.markdown import apply_markdown  # noqa: PLC0415

                self._markdown(apply_markdown(plan, applied, command=self.options.command))
            case _:
                from reconciler.report.applied_text import apply_text  # noqa: PLC0415
                from reconciler.report.text import Show  # noqa: PLC0415

                show = Show.EVERYTHING if self.options.verbose else Show.CHANGES
                self.raw("")  # below the plan
                self._result(apply_text(applied, show=show, command=self.options.command))

    def status(self, plan: "Plan", *, now: float) -> None:
        """`now`: seconds since 1970."""
        match self.options.format:
            case "openmetrics":
                from reconciler.report.openmetrics import openmetrics  # noqa: PLC0415 - for this format alone

                self.raw(openmetrics(plan, now=now))
            case "json":
                from reconciler.report.document import status_document  # noqa: PLC0415

                self.document(status_document(plan, endpoint=self.endpoint))
            case "markdown":
                from reconciler.report.markdown import status_markdown  # noqa: PLC0415

                self._markdown(status_markdown(plan, now=now))
            case _:
                from reconciler.report.status_text import status_text  # noqa: PLC0415

                self._endpoint_line()
                self._result(status_text(plan, now=now))

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
                self._result(doctor_text(findings))

    def _endpoint_line(self) -> None:
        if self.endpoint:
            self.raw(f"Endpoint: {escape(self.endpoint)}, which is not AWS")

    def _result(self, renderables: "Iterable[RenderableType]") -> None:
        with _reader_may_leave():
            self._write(renderables, sys.stdout)

    def _write(self, renderables: "Iterable[RenderableType]", stream: TextIO) -> None:
        from reconciler.report.console import write  # noqa: PLC0415 - not for `validate`

        write(renderables, stream, colour="never" if self.options.no_color else "auto")

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

            self._write(warnings_text(told), sys.stderr)

    def difference(self, lines: Iterable[str]) -> None:
        """A unified diff, on stderr: the result may be a document."""
        sys.stderr.write("".join(f"{escape(line)}\n" for line in lines))

    def hint(self, text: str) -> None:
        if not self.options.quiet and self.options.format == "text":
            sys.stderr.write(escape(text) + "\n")

    def note(self, text: str) -> None:
        """What goes on, as a line of its own on stderr."""
        if not self.options.quiet:
            sys.stderr.write(escape(text) + "\n")
            sys.stderr.flush()

    @contextmanager
    def progress(self, keys: "Collection[Key]" = ()) -> Iterator["ProgressReporter"]:
        """What is going on meanwhile, gone from the screen afterwards. `keys`: the ions that will be waited for."""
        from reconciler.report.progress import ProgressReporter, Silent, progress_for  # noqa: PLC0415 - not for `validate`

        shown = Silent() if self.options.quiet or self.options.verbose else progress_for(sys.stderr)
        try:
            yield ProgressReporter(shown, keys)
        finally:
            shown.close()

    def ask(self, question: str, about: "Plan | None" = None) -> bool | None:
        """Put a question on the terminal, below the plan that it is about (if any); None: there is no terminal."""
        if sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty():  # None: closed before we started
            return None
        sys.stdout.flush()
        if about and self.options.format != "text":
            self._plan_beside(about)
        sys.stderr.write(f"\n{escape(question)}")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        sys.stderr.write("" if answer else "\n")
        return answer.strip() == "yes"

    def _plan_beside(self, plan: "Plan") -> None:
        """The plan for people, where the result is a document that comes later."""
        from reconciler.report.text import plan_text  # noqa: PLC0415

        self._write(plan_text(plan, lifted=self.options.allow, command=self.options.command), sys.stderr)


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

import re
from dataclasses import replace

import pytest
from report_goldens import check, printed
from report_worlds import (
    NOW,
    applied,
    blocked,
    created,
    everything,
    hostile,
    in_sync,
    key,
    moved,
    plan,
    settling,
    unreadable,
)

from reconciler.model.outcome import Applied, Done, IonResult, NotAttempted
from reconciler.model.plan import AwaitReady, Plan
from reconciler.report.applied_text import apply_text
from reconciler.report.status_text import status_text
from reconciler.report.text import Show, plan_text, warnings_text

WIDTHS = (40, 60, 80, 100, 200)
LINK = re.compile(r"arn:\S+|sha256:\S+")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_plan_reads_as_reviewed(width: int) -> None:
    check(f"plan-{width}.txt", printed(plan_text(everything()), width=width))


def test_a_plan_in_a_pipe_reads_as_reviewed() -> None:
    check("plan-pipe.txt", printed(plan_text(everything())))


def test_a_plan_with_everything_shown_reads_as_reviewed() -> None:
    check("plan-verbose.txt", printed(plan_text(everything(), show=Show.EVERYTHING), width=100))


def test_a_plan_in_colour_reads_as_reviewed() -> None:
    check("plan-colour.txt", printed(plan_text(everything()), {"FORCE_COLOR": "1"}, width=100))


@pytest.mark.parametrize("width", [60, 100])
def test_an_apply_reads_as_reviewed(width: int) -> None:
    check(f"apply-{width}.txt", printed(apply_text(*applied()), width=width))


def test_an_apply_with_everything_shown_reads_as_reviewed() -> None:
    check("apply-verbose.txt", printed(apply_text(*applied(), show=Show.EVERYTHING), width=100))


@pytest.mark.parametrize("width", [60, 80, 160])
def test_a_status_reads_as_reviewed(width: int) -> None:
    check(f"status-{width}.txt", printed(status_text(everything(), now=NOW), width=width))


def test_a_status_in_a_pipe_reads_as_reviewed() -> None:
    check("status-pipe.txt", printed(status_text(everything(), now=NOW)))


@pytest.mark.parametrize("width", [60, 100])
def test_hostile_text_reads_as_reviewed(width: int) -> None:
    text = printed(plan_text(hostile()), width=width) + printed(warnings_text(hostile().warnings), width=width)
    check(f"hostile-{width}.txt", text)


@pytest.mark.parametrize("width", [*WIDTHS, None])
def test_foreign_text_reaches_no_terminal_as_a_command(width: int | None) -> None:
    planned = hostile()
    results = Applied(tuple(IonResult(each, ()) for each in planned.ions))
    texts = (
        plan_text(planned),
        apply_text(planned, results),
        status_text(planned, now=NOW),
    )
    for text in (printed(report, width=width) for report in texts):
        assert all(character.isprintable() for character in text.replace("\n", ""))
        assert not any(row.startswith("Plan: nothing") for row in text.splitlines())


def test_markup_in_foreign_text_is_shown_and_not_obeyed() -> None:
    text = printed(plan_text(hostile()), {"FORCE_COLOR": "1"})
    assert "[red]not red[/red] [/x]" in text


@pytest.mark.parametrize("width", [*WIDTHS, None])
def test_names_arns_and_the_digest_are_never_broken(width: int | None) -> None:
    planned, results = applied()
    text = printed(plan_text(planned), width=width) + printed(apply_text(planned, results), width=width)
    for each in planned.ions[1:7]:
        assert f"{each.key.function}:{each.key.alias}" in text
        assert each.key.alias_arn in LINK.findall(text)
    assert planned.digest in LINK.findall(text)


@pytest.mark.parametrize("width", WIDTHS)
def test_only_what_cannot_be_broken_is_wider_than_the_terminal(width: int) -> None:
    text = printed(plan_text(everything(), show=Show.EVERYTHING), width=width)
    too_wide = [row for row in text.splitlines() if len(row) > width]
    assert all(len(row.split()) <= 3 for row in too_wide), too_wide


def test_the_last_lines_of_a_pipe_are_the_counts_and_the_digest_each_on_one_line() -> None:
    planned = plan(*[moved(key(f"ion-{number:04}")) for number in range(1000)])
    *_, counts, digest = printed(plan_text(planned)).splitlines()
    assert counts == "Plan: 0 to create, 1000 to change, 0 to remove, 0 settling, 0 blocked, 0 unreadable, 0 in sync."
    assert digest == f"Digest: {planned.digest}"


def test_a_thousand_ions_take_a_row_each_and_one_line_of_reasons() -> None:
    planned = plan(*[moved(key(f"ion-{number:04}")) for number in range(1000)])
    text = printed(plan_text(planned), width=160)
    assert len(text.splitlines()) < 2 * 1000 + 10


def test_ions_in_sync_are_counted_and_not_listed() -> None:
    text = printed(plan_text(plan(in_sync(key("quiet")), moved(key("loud")))), width=80)
    assert "quiet" not in text
    assert "1 in sync." in text


@pytest.mark.parametrize(
    ("planned", "sentence"),
    [
        (plan(in_sync(key("a"))), "No changes. Every alias and its provisioned concurrency are as the file asks."),
        (plan(settling(key("a"))), "No changes. AWS is still at work on 1 ion; what was asked is on its way."),
        (plan(blocked(key("a"), "x")), "No changes can be made: 1 ion cannot be reconciled, see above."),
        (
            plan(unreadable(key("a"), "x"), settling(key("b"))),
            "No changes can be made: 1 ion cannot be reconciled, see above.",
        ),
    ],
)
def test_a_plan_that_writes_nothing_says_so(planned: Plan, sentence: str) -> None:
    assert sentence in printed(plan_text(planned), width=100).splitlines()


def test_a_plan_with_changes_does_not_say_that_there_are_none() -> None:
    assert "No changes" not in printed(plan_text(everything()), width=100)


def test_a_new_alias_shows_what_it_starts_with() -> None:
    text = printed(plan_text(plan(created(key("a")))), width=100)
    assert "+ create  a:live  version new, concurrency 2" in text


def test_each_refusal_says_how_to_lift_it_but_for_the_one_that_cannot_be() -> None:
    text = printed(plan_text(everything()), width=100)
    assert "--allow starves-latest" in text
    assert "--allow over-limit" in text
    assert "--allow wrong-account" not in text


def test_long_lists_of_refused_ions_are_cut_and_whole_on_request() -> None:
    ions = [moved(key(f"ion-{number}")) for number in range(9)]
    refused = replace(everything().refusals[0], keys=tuple(each.key for each in ions))
    planned = replace(plan(*ions), refusals=(refused,))
    assert "ion-4:live and 4 more (-v names them)" in printed(plan_text(planned))
    assert "ion-8:live\n" in printed(plan_text(planned, show=Show.EVERYTHING), width=200)


def test_an_interrupted_apply_says_so_and_what_was_done() -> None:
    planned, results = applied()
    text = printed(apply_text(planned, replace(results, interrupted=True)))
    assert "Interrupted: no further step was begun." in text
    assert "done           publish a version" in text


def test_an_apply_with_nothing_to_do_says_that_nothing_was_written() -> None:
    quiet = in_sync(key("a"))
    text = printed(apply_text(plan(quiet), Applied((IonResult(quiet, ()),))), width=100)
    assert text.startswith("Nothing to do.")
    assert "1 in sync." in text


def test_a_new_version_gets_its_number_once_the_alias_is_seen_there() -> None:
    text = printed(apply_text(*applied()), width=100)
    assert "~ changed        inventory-prod-add-item:blue   version 1, concurrency 2" in text


def test_an_apply_that_did_not_wait_says_that_aws_is_still_at_work() -> None:
    waiting = settling(key("a"))
    dropped = IonResult(waiting, ((AwaitReady(), NotAttempted("--no-wait", failed_before=False)),))
    text = printed(apply_text(plan(waiting), Applied((dropped,))), width=100)
    assert "AWS is still at work on some" in text
    assert "1 settling" in text


def test_a_note_on_a_done_step_is_always_shown() -> None:
    quiet = settling(key("a"))
    noted = IonResult(quiet, ((AwaitReady(), Done("something else was done")),))
    text = printed(apply_text(plan(quiet), Applied((noted,))), width=100)
    assert "note  something else was done" in text


def test_wide_characters_count_double_when_columns_are_aligned() -> None:
    planned = plan(blocked(key("日本"), "why 1"), blocked(key("plain"), "why 2"))
    wide, narrow = printed(plan_text(planned), width=100).splitlines()[2:4]
    assert wide.index("why") == narrow.index("why") - 2


def test_a_reason_that_many_rows_share_is_told_once() -> None:
    reason = "an endless sentence about credentials"
    planned = plan(*(unreadable(key(f"f{number}"), reason) for number in range(5)))
    text = printed(plan_text(planned), width=100)
    assert text.count(reason) == 1
    assert text.count("as above") == 4

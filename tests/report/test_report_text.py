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
    removed,
    settling,
    unreadable,
)

from reconciler.model.observed import Key
from reconciler.model.outcome import Applied, Done, Failed, IonResult, NotAttempted
from reconciler.model.plan import IonPlan, Pending, Plan
from reconciler.model.steps import AwaitReady, PublishVersion
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
    check(f"apply-{width}.txt", printed(apply_text(applied()[1]), width=width))


def test_an_apply_with_everything_shown_reads_as_reviewed() -> None:
    check("apply-verbose.txt", printed(apply_text(applied()[1], show=Show.EVERYTHING), width=100))


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
        apply_text(results),
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
    text = printed(plan_text(planned), width=width) + printed(apply_text(results), width=width)
    for each in planned.ions[1:6]:
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
        (
            plan(in_sync(key("a"), "Application Auto Scaling owns the number"), in_sync(key("b"))),
            "No changes. 1 ion is left as said above; all else is as the file asks.",
        ),
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
    _, results = applied()
    text = printed(apply_text(replace(results, interrupted=True)))
    assert "Interrupted: no further step was begun." in text
    assert "done           publish a version" in text


def test_an_apply_with_nothing_to_do_says_that_nothing_was_written() -> None:
    quiet = in_sync(key("a"))
    text = printed(apply_text(Applied((IonResult(quiet, ()),))), width=100)
    assert text.startswith("Nothing to do; nothing was written.\n")
    assert "1 in sync." in text


def test_a_new_version_gets_its_number_once_the_alias_is_seen_there() -> None:
    text = printed(apply_text(applied()[1]), width=100)
    assert "+ created        inventory-prod-add-item:blue   version 1, 2 of 2 warm, READY" in text


def test_an_apply_that_did_not_wait_says_that_aws_is_still_at_work() -> None:
    waiting = settling(key("a"))
    dropped = IonResult(waiting, ((AwaitReady(), NotAttempted("--no-wait", failed_before=False)),))
    text = printed(apply_text(Applied((dropped,))), width=100)
    assert "some are still being allocated (--no-wait)" in text
    assert text.endswith("Apply: 0 created, 0 changed, 0 removed, 1 settling.\n")


def test_a_note_on_a_done_step_is_always_shown() -> None:
    quiet = settling(key("a"))
    noted = IonResult(quiet, ((AwaitReady(), Done("something else was done")),))
    text = printed(apply_text(Applied((noted,))), width=100)
    assert "note  something else was done" in text


def test_wide_characters_count_double_when_columns_are_aligned() -> None:
    planned = plan(blocked(key("日本"), "why 1"), blocked(key("plain"), "why 2"))
    wide, narrow = printed(plan_text(planned), width=100).splitlines()[2:4]
    assert wide.index("why") == narrow.index("why") - 2


def test_an_apply_does_not_repeat_the_plan_that_stands_above_it() -> None:
    text = printed(apply_text(applied()[1]), width=100)
    for said in ("concurrency 2 → 5", "a month", "a canary of CodeDeploy", "not authorized", "no credentials"):
        assert said not in text


@pytest.mark.parametrize(
    ("planned", "word"), [(created(key("a")), "created"), (moved(key("a")), "changed"), (removed(key("a")), "removed")]
)
def test_an_apply_says_what_was_done_in_one_word(planned: IonPlan, word: str) -> None:
    assert isinstance(planned.verdict, Pending)
    result = IonResult(planned, tuple((step, Done()) for step in planned.verdict.steps))
    text = printed(apply_text(Applied((result,))))
    assert f" {word}  a:live\n" in text
    zero = {"created": 0, "changed": 0, "removed": 0} | {word: 1}
    assert text.endswith(f"Apply: {', '.join(f'{number} {kind}' for kind, number in zero.items())}.\n")


def test_what_somebody_else_owns_is_said_without_asking() -> None:
    why = "Application Auto Scaling owns the number, between 1 and 10"
    text = printed(plan_text(plan(in_sync(key("scaled"), why), in_sync(key("quiet")))), width=100)
    assert f"= in sync  scaled:live  {why}" in text
    assert "quiet" not in text


# ---------------------------------------------------------------- a cause that many ions share


def test_a_cause_that_ions_share_is_told_once_with_their_number_and_names() -> None:
    reason = "an endless sentence about credentials"
    planned = plan(*(unreadable(key(f"f{number}"), reason) for number in range(5)), moved(key("g")))
    text = printed(plan_text(planned))
    assert f"? unreadable  5 ions  {reason}\n      ions  f0:live, f1:live, f2:live, f3:live, f4:live\n" in text
    assert text.count(reason) == 1


def test_aws_words_that_name_each_function_are_one_cause() -> None:
    def denied(at: Key) -> str:
        return f"AccessDeniedException: not authorized to perform lambda:GetAlias on resource {at.alias_arn}"

    keys = [key(name) for name in ("get", "get-items", "add")]
    text = printed(plan_text(plan(*(unreadable(at, denied(at)) for at in keys))), width=200)
    assert text.count("AccessDeniedException") == 1
    assert "on resource arn:aws:lambda:us-east-1:123456789012:function:<ion>\n" in text
    assert "ions  get:live, get-items:live, add:live" in text


def test_a_cause_that_spans_groups_is_told_once_for_the_region_and_apart_for_another() -> None:
    east = [blocked(key(name), "why", group=group) for name, group in (("a", "one"), ("b", "two"))]
    west = [blocked(key(name, region="us-west-2"), "why", group="one") for name in "ab"]
    rows = printed(plan_text(plan(*east, *west))).splitlines()
    assert rows[:3] == ["123456789012 · us-east-1", "", "  ! blocked  2 ions  why"]
    assert rows[5:8] == ["123456789012 · us-west-2 · group one", "", "  ! blocked  2 ions  why"]


def test_one_denial_of_six_ions_is_told_once_after_an_apply_too() -> None:
    def denied(at: IonPlan) -> IonResult:
        words = f"not authorized to perform: lambda:PublishVersion on resource: {at.key.function}"
        failed = Failed("AccessDeniedException", words, f"request-of-{at.key.function}", "allow it")
        return IonResult(at, ((PublishVersion("sha", "rev"), failed), (AwaitReady(), NotAttempted("earlier"))))

    six = Applied(tuple(denied(moved(key(f"f{number}"))) for number in range(6)))
    text = printed(apply_text(six), width=200)
    assert text.count("AccessDeniedException") == text.count("allow it") == 1
    assert "✗ failed  6 ions\n" in text
    assert "ions           f0:live, f1:live, f2:live, f3:live, f4:live, f5:live\n" in text


def test_a_status_tells_a_cause_that_ions_share_once_below_their_rows() -> None:
    reason = "an endless sentence about credentials"
    planned = plan(*(unreadable(key(f"f{number}"), reason) for number in range(3)), unreadable(key("g"), "another"))
    for width in (60, 200):
        text = printed(status_text(planned, now=NOW), width=width)
        assert text.count(reason) == 1
        assert f"\n3 ions: {reason}\n  f0:live, f1:live, f2:live\n" in text
        assert "\n      another\n" in text
        assert all(each.key.alias_arn in text for each in planned.ions)


def test_ions_that_failed_in_different_ways_are_told_apart() -> None:
    def failing(name: str, outcome: Failed) -> IonResult:
        return IonResult(moved(key(name)), ((AwaitReady(), outcome),))

    ways = (Failed("A", "one"), Failed("A", "two"), Failed("B", "one"))
    text = printed(apply_text(Applied(tuple(failing(f"f{place}", way) for place, way in enumerate(ways)))))
    assert [f"✗ failed  f{place}:live\n" in text for place in range(3)] == [True] * 3

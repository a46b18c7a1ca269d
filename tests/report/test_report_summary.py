from report_goldens import printed
from report_worlds import applied, created, everything, in_sync, ion, key, moved, observed, plan, removed, settling

from reconciler.decide.summary import kind_of, result_kind, summarize, summarize_applied
from reconciler.model.outcome import Applied, Done, Failed, IonResult, NotAttempted
from reconciler.model.plan import Change, InSync, Pending, Settling
from reconciler.model.steps import AwaitReady, SetProvisioned
from reconciler.report.applied_text import apply_text
from reconciler.report.document import apply_document, to_text
from reconciler.report.markdown import apply_markdown


def test_each_ion_is_counted_once() -> None:
    planned = everything()
    counts = summarize(planned).counts()
    assert counts == {
        "create": 2,
        "change": 2,
        "remove": 1,
        "settling": 1,
        "blocked": 1,
        "unreadable": 2,
        "in_sync": 2,
    }
    assert sum(counts.values()) == len(planned.ions)


def test_a_missing_alias_is_a_creation_whatever_else_changes() -> None:
    assert kind_of(created(key("a")).verdict) == "create"


def test_removing_is_when_nothing_changes_but_that_the_concurrency_goes() -> None:
    assert kind_of(removed(key("a")).verdict) == "remove"
    both = Pending((Change("version", "7", "8", ""), Change("concurrency", 3, 0, "")), ())
    assert kind_of(both) == "change"
    lowered = Pending((Change("concurrency", 3, 1, ""),), ())
    assert kind_of(lowered) == "change"


def test_what_needs_a_person_is_told_apart_from_what_is_to_be_written() -> None:
    summary = summarize(everything())
    assert (summary.changes, summary.troubled) == (5, 3)
    assert summarize(plan(in_sync(key("a")))).changes == 0


def test_an_apply_counts_each_ion_once() -> None:
    _, results = applied()
    counts = summarize_applied(results).counts()
    assert sum(counts.values()) == len(results.results)
    assert (counts["created"], counts["changed"], counts["removed"]) == (2, 1, 0)
    assert counts["failed"] == 1
    assert counts["not_attempted"] == 1
    assert counts["settled"] == 1


def test_a_failure_outweighs_what_was_done_before_it() -> None:
    done, failed = (SetProvisioned(2), Done()), (AwaitReady(), Failed("X", "y"))
    result = IonResult(moved(key("a")), (done, failed))
    assert result_kind(result) == "failed"
    assert summarize_applied(Applied((result,))).troubled == 1


def test_an_ion_that_was_begun_and_interrupted_is_unfinished_which_is_trouble() -> None:
    begun = ((SetProvisioned(5), Done()), (AwaitReady(), NotAttempted("interrupted")))
    interrupted = IonResult(moved(key("a")), begun)
    assert result_kind(interrupted) == "unfinished"
    assert summarize_applied(Applied((interrupted,))).troubled == 1
    assert result_kind(IonResult(moved(key("a")), begun[1:])) == "not_attempted"


def test_a_wait_that_nobody_asked_for_is_no_trouble() -> None:
    unwaited = (AwaitReady(), NotAttempted("--no-wait", failed_before=False))
    changed = IonResult(moved(key("a")), ((SetProvisioned(2), Done()), unwaited))
    settling = IonResult(ion(key("b"), Settling("2 of 5", (AwaitReady(),)), observed("7")), (unwaited,))
    assert (result_kind(changed), result_kind(settling)) == ("changed", "settling")
    assert summarize_applied(Applied((changed, settling))).troubled == 0


def test_a_pending_ion_without_any_outcome_is_never_taken_for_in_sync() -> None:
    assert result_kind(IonResult(moved(key("a")), ())) == "not_attempted"
    assert result_kind(IonResult(ion(key("a"), InSync(), observed("7")), ())) == "in_sync"


def test_an_ion_that_settled_into_something_else_is_unfinished_and_every_report_says_why() -> None:
    settled = settling(key("a"))
    result = IonResult(settled, ((AwaitReady(), Done()),), problem="it has settled, and now differs: plan again")
    ended = Applied((result,))

    assert result_kind(result) == "unfinished"
    assert summarize_applied(ended).troubled == 1
    planned = plan(settled)
    assert f'"problem": "{result.problem}"' in to_text(apply_document(planned, ended))
    text = printed(apply_text(ended), width=200)
    assert "it has settled, and now differs: plan again" in text
    assert "Every change was made" not in text
    assert "it has settled, and now differs: plan again" in apply_markdown(planned, ended)

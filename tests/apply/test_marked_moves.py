"""Each move leaves its mark in the alias's Description, in the same call, and never in place of a person's words."""

from scenes import BOTH, MOVE, REPAIR, Scene
from simulation import Aws, carried_out, lost, plan_of

MOVED = "reconcile: 1 -> 2, 1970-01-12T"


def described(aws: Aws, function: str) -> str:
    alias = aws.alias(function, "live")
    assert alias is not None
    return str(alias["Description"])


def test_a_move_leaves_its_mark_in_the_same_call() -> None:
    aws = MOVE.fresh()
    carried_out(aws, MOVE.config)
    assert described(aws, "f").startswith(MOVED)
    assert described(aws, "f").endswith("Z")
    moves = [params for operation, params in aws.calls if operation == "UpdateAlias"]
    assert [params["FunctionVersion"] for params in moves] == ["2", "2"]
    assert all(params["Description"].startswith(MOVED) for params in moves)


def test_a_repair_leaves_it_too() -> None:
    aws = REPAIR.fresh()
    carried_out(aws, REPAIR.config)
    assert described(aws, "f").startswith("reconcile: 2 -> 3, ")


def test_an_alias_that_is_created_has_no_mark_since_it_moved_from_nowhere() -> None:
    aws = Scene("create", lambda _: None, BOTH).fresh()
    carried_out(aws, BOTH)
    assert described(aws, "f") == ""


def test_a_mark_of_ours_is_replaced_and_a_persons_words_stay() -> None:
    aws = MOVE.fresh()
    aws.do("UpdateAlias", FunctionName="f", Name="live", Description="reconcile: 0 -> 1, 2026-01-01T00:00Z")
    aws.do("UpdateAlias", FunctionName="g", Name="live", Description="ask Ann")
    carried_out(aws, MOVE.config)
    assert described(aws, "f").startswith(MOVED)
    assert described(aws, "g") == "ask Ann"


def test_the_marks_time_is_in_no_identity() -> None:
    aws = MOVE.fresh()
    before = plan_of(aws, MOVE.config).plan.digest
    aws.clock.now += 86_400
    assert plan_of(aws, MOVE.config).plan.digest == before


def test_a_move_whose_answer_was_lost_keeps_the_mark_that_it_left() -> None:
    aws = MOVE.fresh()
    number = next(at for at, (operation, _) in enumerate(_calls_of(MOVE)) if operation == "UpdateAlias")
    aws.faults[number] = lost
    carried_out(aws, MOVE.config)
    assert described(aws, "f").startswith(MOVED)
    assert len([1 for operation, _ in aws.calls if operation == "UpdateAlias"]) == 2


def _calls_of(scene: Scene) -> list[tuple[str, object]]:
    aws = scene.fresh()
    carried_out(aws, scene.config)
    return [(operation, params) for operation, params in aws.calls]

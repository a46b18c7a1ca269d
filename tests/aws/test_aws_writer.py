"""reconciler/aws/writer.py against botocore's model: exactly what is sent, and what an answer says."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from aws_stubs import FUNCTION, SECRET, Refuses, Says, configuration, writing

from reconciler.aws.writer import LambdaWriter
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import AliasPointer, Provisioned

if TYPE_CHECKING:
    from reconciler.model.ports import Writer

LIVE = {"FunctionName": FUNCTION, "Qualifier": "live"}
PUBLISH = {"FunctionName": FUNCTION, "CodeSha256": "c0de=", "RevisionId": "revision-1"}
CREATE = {"FunctionName": FUNCTION, "Name": "live", "FunctionVersion": "8"}
MOVE = CREATE | {"RevisionId": "revision-1"}
PUT = LIVE | {"ProvisionedConcurrentExecutions": 5}
POINTER = {"AliasArn": "arn", "Name": "live", "FunctionVersion": "8", "RevisionId": "revision-2"}
FRESH = {
    "RequestedProvisionedConcurrentExecutions": 5,
    "AllocatedProvisionedConcurrentExecutions": 0,
    "AvailableProvisionedConcurrentExecutions": 0,
    "Status": "IN_PROGRESS",
}


def publish(writer: LambdaWriter) -> object:
    return writer.publish_version(FUNCTION, code_sha256="c0de=", revision_id="revision-1")


def create(writer: LambdaWriter) -> object:
    return writer.create_alias(FUNCTION, "live", version="8")


def move(writer: LambdaWriter) -> object:
    return writer.move_alias(FUNCTION, "live", version="8", revision_id="revision-1", clear_weights=False)


def put(writer: LambdaWriter) -> object:
    return writer.set_provisioned(FUNCTION, "live", concurrency=5)


def remove(writer: LambdaWriter) -> None:
    writer.remove_provisioned(FUNCTION, "live")


Write = Callable[[LambdaWriter], object]
WRITES: list[tuple[str, dict[str, object], Write]] = [
    ("PublishVersion", {**PUBLISH}, publish),
    ("CreateAlias", {**CREATE}, create),
    ("UpdateAlias", {**MOVE}, move),
    ("PutProvisionedConcurrencyConfig", {**PUT}, put),
    ("DeleteProvisionedConcurrencyConfig", {**LIVE}, remove),
]


def test_it_is_a_writer() -> None:
    with writing() as writer:
        port: Writer = writer
        assert isinstance(port, LambdaWriter)


def test_a_publish_names_the_code_and_revision_that_were_planned_and_no_description() -> None:
    with writing(Says("PublishVersion", PUBLISH, configuration(Version="8", State="Pending"))) as writer:
        version = writer.publish_version(FUNCTION, code_sha256="c0de=", revision_id="revision-1")

    assert (version.number, version.state) == ("8", "Pending")
    assert SECRET not in repr(version)


def test_an_alias_is_created_on_a_version() -> None:
    with writing(Says("CreateAlias", CREATE, POINTER)) as writer:
        assert create(writer) == AliasPointer("8", (), "revision-2")


def test_an_ordinary_move_leaves_the_routing_unmentioned() -> None:
    with writing(Says("UpdateAlias", MOVE, POINTER)) as writer:
        assert move(writer) == AliasPointer("8", (), "revision-2")


def test_a_move_that_clears_weights_sends_them_empty() -> None:
    params: dict[str, object] = MOVE | {"RoutingConfig": {"AdditionalVersionWeights": {}}}
    with writing(Says("UpdateAlias", params, POINTER)) as writer:
        moved = writer.move_alias(FUNCTION, "live", version="8", revision_id="revision-1", clear_weights=True)

    assert moved.version == "8"


def test_setting_provisioned_concurrency_tells_what_aws_made_of_it() -> None:
    with writing(Says("PutProvisionedConcurrencyConfig", PUT, FRESH)) as writer:
        assert put(writer) == Provisioned(5, 0, 0, "IN_PROGRESS")


def test_removing_provisioned_concurrency_sends_the_qualifier_alone() -> None:
    with writing(Says("DeleteProvisionedConcurrencyConfig", LIVE)) as writer:
        remove(writer)


def test_removing_what_is_not_there_is_no_error() -> None:
    absent = "ProvisionedConcurrencyConfigNotFoundException"
    with writing(Refuses("DeleteProvisionedConcurrencyConfig", LIVE, absent, status=404)) as writer:
        remove(writer)


@pytest.mark.parametrize(
    ("code", "message", "status", "fault"),
    [
        ("ResourceNotFoundException", "Alias not found", 404, ErrorKind.MISSING),
        ("PreconditionFailedException", "The Revision Id provided does not match", 412, ErrorKind.STALE),
        ("TooManyRequestsException", "Rate exceeded", 429, ErrorKind.THROTTLED),
        ("ServiceException", "", 500, ErrorKind.UNAVAILABLE),
        ("AccessDeniedException", "no", 403, ErrorKind.DENIED),
    ],
)
@pytest.mark.parametrize(("operation", "params", "write"), WRITES)
def test_every_refused_write_raises_its_fault(  # noqa: PLR0913 - a table
    *, operation: str, params: dict[str, object], write: Write, code: str, message: str, status: int, fault: ErrorKind
) -> None:
    with writing(Refuses(operation, params, code, message, status)) as writer, pytest.raises(AwsError) as caught:
        write(writer)

    assert (caught.value.kind, caught.value.code, caught.value.operation) == (fault, code, operation)
    assert caught.value.request_id == "request-1"


@pytest.mark.parametrize(("operation", "params", "write"), WRITES[:-1])
def test_a_write_whose_answer_makes_no_sense_may_have_happened(
    operation: str, params: dict[str, object], write: Write
) -> None:
    with writing(Says(operation, params, {})) as writer, pytest.raises(AwsError) as caught:
        write(writer)

    assert caught.value.kind is ErrorKind.UNAVAILABLE


def test_a_description_goes_with_the_move() -> None:
    with writing(Says("UpdateAlias", MOVE | {"Description": "7 -> 8"}, POINTER | {"Description": "7 -> 8"})) as writer:
        moved = writer.move_alias(
            FUNCTION, "live", version="8", revision_id="revision-1", clear_weights=False, description="7 -> 8"
        )

    assert moved.description == "7 -> 8"

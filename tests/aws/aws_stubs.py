"""Clients that answer what a test says; botocore's Stubber checks params and answers against the service model."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.stub import Stubber

from reconciler.aws.reader import LambdaReader
from reconciler.aws.writer import LambdaWriter

FUNCTION = "prod-get-items"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}"
SECRET = "s3cr3t-of-the-environment"


@dataclass(frozen=True)
class Says:
    """The next call is `operation` with exactly `params`, and AWS answers this."""

    operation: str
    params: Mapping[str, object]
    answer: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Refuses:
    """The next call is `operation` with exactly `params`, and AWS refuses it."""

    operation: str
    params: Mapping[str, object]
    code: str
    message: str = "AWS's words"
    status: int = 400
    headers: Mapping[str, str] = field(default_factory=dict)


Reply = Says | Refuses


@cache
def client(service: str) -> Any:  # noqa: ANN401 - botocore makes its clients' types at run time
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret")
    return session.create_client(service, region_name="us-east-1")


@contextmanager
def reading(*replies: Reply) -> Iterator[LambdaReader]:
    with _stubbed(replies) as (functions, scaling):
        yield LambdaReader(functions, scaling)


@contextmanager
def writing(*replies: Reply) -> Iterator[LambdaWriter]:
    with _stubbed(replies) as (functions, scaling):
        yield LambdaWriter(functions, scaling)


@contextmanager
def _stubbed(replies: tuple[Reply, ...]) -> Iterator[tuple[Any, Any]]:
    functions, scaling = client("lambda"), client("application-autoscaling")
    with ExitStack() as stack:
        stubs = [stack.enter_context(Stubber(each)) for each in (functions, scaling)]
        for reply in replies:
            of_scaling = hasattr(scaling, xform_name(reply.operation))
            stub = stubs[1] if of_scaling else stubs[0]
            _add(stub, reply)
        yield functions, scaling
        for stub in stubs:
            stub.assert_no_pending_responses()


def _add(stub: Stubber, reply: Reply) -> None:
    method, params = xform_name(reply.operation), dict(reply.params)
    match reply:
        case Says():
            stub.add_response(method, dict(reply.answer), params)
        case Refuses():
            stub.add_client_error(
                method,
                service_error_code=reply.code,
                service_message=reply.message,
                http_status_code=reply.status,
                response_meta={"RequestId": "request-1", "HTTPHeaders": dict(reply.headers)},
                expected_params=params,
            )


def configuration(**changes: object) -> dict[str, object]:
    """A function's configuration as AWS gives it; None takes a member out."""
    full: dict[str, object] = {
        "FunctionName": FUNCTION,
        "FunctionArn": ARN,
        "Runtime": "java17",
        "Role": "arn:aws:iam::123456789012:role/ion",
        "Handler": "datomic.ion.lambda.handler.Thunk::handle",
        "CodeSize": 1234,
        "Description": "an ion",
        "Timeout": 60,
        "MemorySize": 256,
        "LastModified": "2025-11-01T10:00:00.000+0000",
        "CodeSha256": "c0de=",
        "Version": "$LATEST",
        "Environment": {"Variables": {"TOKEN": SECRET}},
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": "revision-1",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{FUNCTION}"},
    }
    return {name: value for name, value in (full | changes).items() if value is not None}

"""A request becomes the operation and parameters that boto3 was called with."""

import base64
import json
from typing import Any

import pytest

from reconciler.sandbox import rest
from reconciler.sandbox.control_plane import ApiError
from reconciler.sandbox.wire import Request


def _called(method: str, path: str, query: str = "", body: Any = None) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - JSON
    data = b"" if body is None else json.dumps(body).encode()
    call = rest.parse(Request(method, path, query, {}, data))
    return call.operation, dict(call.params)


@pytest.mark.parametrize(
    ("method", "path", "query", "operation", "params"),
    [
        ("GET", "/2015-03-31/functions/f", "", "GetFunction", {"FunctionName": "f"}),
        ("GET", "/2015-03-31/functions/", "MaxItems=5", "ListFunctions", {"MaxItems": 5}),
        ("GET", "/2015-03-31/functions", "FunctionVersion=ALL", "ListFunctions", {"FunctionVersion": "ALL"}),
        (
            "GET",
            "/2015-03-31/functions/f",
            "Qualifier=%24LATEST",
            "GetFunction",
            {"FunctionName": "f", "Qualifier": "$LATEST"},
        ),
        (
            "GET",
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af/aliases/live",
            "",
            "GetAlias",
            {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:f", "Name": "live"},
        ),
        (
            "GET",
            "/2019-09-30/functions/f/provisioned-concurrency",
            "Qualifier=live",
            "GetProvisionedConcurrencyConfig",
            {"FunctionName": "f", "Qualifier": "live"},
        ),
        (
            "GET",
            "/2019-09-30/functions/f/provisioned-concurrency",
            "List=ALL&MaxItems=50",
            "ListProvisionedConcurrencyConfigs",
            {"FunctionName": "f", "MaxItems": 50},
        ),
        (
            "DELETE",
            "/2015-03-31/functions/f/policy/s3",
            "Qualifier=live&RevisionId=r",
            "RemovePermission",
            {"FunctionName": "f", "StatementId": "s3", "Qualifier": "live", "RevisionId": "r"},
        ),
        (
            "DELETE",
            "/2017-03-31/tags/arn%3Af",
            "tagKeys=a&tagKeys=b",
            "UntagResource",
            {"Resource": "arn:f", "TagKeys": ["a", "b"]},
        ),
    ],
)
def test_paths_and_queries_lead_to_operations(
    method: str, path: str, query: str, operation: str, params: dict[str, Any]
) -> None:
    assert _called(method, path, query) == (operation, params)


def test_bodies_become_members_in_their_own_types() -> None:
    body = {
        "FunctionName": "f",
        "Code": {"ZipFile": base64.b64encode(b"zip").decode()},
        "Timeout": "60",
        "Publish": "true",
        "Description": None,
        "Unheard": 1,
        "Environment": {"Variables": {"N": "7"}},
    }
    assert _called("POST", "/2015-03-31/functions", body=body) == (
        "CreateFunction",
        {
            "FunctionName": "f",
            "Code": {"ZipFile": b"zip"},
            "Timeout": 60,
            "Publish": True,
            "Environment": {"Variables": {"N": "7"}},
        },
    )


def test_headers_and_payloads_become_parameters() -> None:
    headers = {"x-amz-invocation-type": "Event", "x-amz-log-type": "Tail"}
    call = rest.parse(Request("POST", "/2015-03-31/functions/f/invocations", "", headers, b"{"))
    params = {"FunctionName": "f", "InvocationType": "Event", "LogType": "Tail", "Payload": b"{"}
    assert (call.operation, call.params) == ("Invoke", params)


def test_lists_of_structures_and_numbers_keep_their_shape() -> None:
    body = {
        "FileSystemConfigs": [{"Arn": "a", "LocalMountPath": "/mnt", "Unheard": 1}],
        "RoutingConfig": {"AdditionalVersionWeights": {"2": "0.5", "3": 1}},
    }
    _, configured = _called("PUT", "/2015-03-31/functions/f/configuration", body=body)
    assert configured["FileSystemConfigs"] == [{"Arn": "a", "LocalMountPath": "/mnt"}]
    _, moved = _called("PUT", "/2015-03-31/functions/f/aliases/a", body=body)
    assert moved["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.5, "3": 1}}


def test_a_label_that_is_empty_is_no_label() -> None:
    with pytest.raises(ApiError) as refused:
        rest.parse(Request("GET", "/2015-03-31/functions//aliases"))
    assert refused.value.code == "UnknownOperationException"


def test_a_path_label_is_never_taken_from_the_body() -> None:
    operation, params = _called("PUT", "/2015-03-31/functions/f/aliases/a", body={"FunctionName": "g", "Name": "b"})
    assert (operation, params) == ("UpdateAlias", {"FunctionName": "f", "Name": "a"})


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "code"),
    [
        ("GET", "/2015-03-31/nothing", "", b"", "UnknownOperationException"),
        ("PATCH", "/2015-03-31/functions/f", "", b"", "UnknownOperationException"),
        ("GET", "/2015-03-31/functions", "MaxItems=many", b"", "SerializationException"),
        ("POST", "/2015-03-31/functions/f/aliases", "", b"{", "InvalidRequestContentException"),
        ("POST", "/2015-03-31/functions/f/aliases", "", b"[]", "InvalidRequestContentException"),
        ("POST", "/2015-03-31/functions", "", b'{"Code": {"ZipFile": "%"}}', "SerializationException"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_code(
    method: str, path: str, query: str, body: bytes, code: str
) -> None:
    with pytest.raises(ApiError) as refused:
        rest.parse(Request(method, path, query, {}, body))
    assert refused.value.code == code

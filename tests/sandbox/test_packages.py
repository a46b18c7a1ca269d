"""A function's package: read from the sandbox's own S3, and refused in AWS's words when it is no good."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from serving import Endpoint, serving

from reconciler.sandbox import rest
from reconciler.sandbox.control_plane import ApiError
from reconciler.sandbox.wire import Request


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    yield from serving()


def _zip(content: bytes, copies: int = 1, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for number in range(copies):
            archive.writestr(f"{number}.py", content)
    return packed.getvalue()


def _create(client: Any, **code: Any) -> Any:  # noqa: ANN401 - boto3
    role = "arn:aws:iam::123456789012:role/r"
    return client.create_function(FunctionName="f", Runtime="python3.12", Handler="h.h", Role=role, Code=code)


def _refused(client: Any, **code: Any) -> Any:  # noqa: ANN401 - boto3
    with pytest.raises(ClientError) as refused:
        _create(client, **code)
    return refused.value.response


def _put(endpoint: Endpoint, body: bytes, key: str = "a/b c.zip") -> None:
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key=key, Body=body)


def test_a_package_in_s3_is_what_lies_there(endpoint: Endpoint) -> None:
    body = _zip(b"x")
    _put(endpoint, body)
    made = _create(endpoint.client(), S3Bucket="code", S3Key="a/b c.zip")
    sha = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert (made["CodeSha256"], made["CodeSize"]) == (sha, len(body))


def test_a_changed_object_is_new_code(endpoint: Endpoint) -> None:
    client = endpoint.client()
    _put(endpoint, _zip(b"x"))
    before = _create(client, S3Bucket="code", S3Key="a/b c.zip")
    endpoint.clock.advance(5)
    _put(endpoint, _zip(b"y"))
    after = client.update_function_code(FunctionName="f", S3Bucket="code", S3Key="a/b c.zip")
    assert after["CodeSha256"] != before["CodeSha256"]


def test_an_object_that_is_not_there_is_refused_in_s3s_words(endpoint: Endpoint) -> None:
    _put(endpoint, _zip(b"x"))
    refused = _refused(endpoint.client(), S3Bucket="code", S3Key="other.zip")
    assert refused["Error"]["Message"] == (
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    )


def test_a_package_may_be_fifty_megabytes_as_it_is_uploaded(endpoint: Endpoint) -> None:
    refused = _refused(endpoint.client(), ZipFile=bytes(52428801))
    assert refused["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert refused["Error"] == {
        "Code": "RequestEntityTooLargeException",
        "Message": "Zipped size must be smaller than 52428800 bytes",
    }


def test_a_package_may_be_two_hundred_and_fifty_megabytes_unpacked(endpoint: Endpoint) -> None:
    refused = _refused(endpoint.client(), ZipFile=_zip(bytes(26214401), copies=10))
    assert refused["Error"]["Message"] == "Unzipped size must be smaller than 262144000 bytes"


def test_a_request_to_create_may_be_seventy_megabytes() -> None:
    with pytest.raises(ApiError) as refused:
        rest.parse(Request("POST", "/2015-03-31/functions", body=bytes(70167211)))
    assert (refused.value.status, refused.value.message) == (
        413,
        "Request must be smaller than 70167211 bytes for the CreateFunction operation",
    )


def test_layers_come_from_the_functions_region(endpoint: Endpoint) -> None:
    with pytest.raises(ClientError) as refused:
        endpoint.client().create_function(
            FunctionName="f",
            Runtime="python3.12",
            Handler="h.h",
            Role="arn:aws:iam::123456789012:role/r",
            Code={"ZipFile": _zip(b"x")},
            Layers=["arn:aws:lambda:eu-west-1:123456789012:layer:l:1"],
        )
    assert refused.value.response["Error"]["Message"] == (
        "Layers are not in the same region as the function. Layers are expected to be in region us-east-1."
    )

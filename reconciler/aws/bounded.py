"""Answers of bounded size: botocore reads whatever an endpoint sends into memory.

In: the HTTP session of a client. Out: one that stops reading after MOST_BYTES, and raises the errors of botocore's own.
"""

from typing import TYPE_CHECKING

from botocore import exceptions as boto
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from reconciler.aws.answers import InvalidResponse

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient
    from botocore.httpsession import URLLib3Session

MOST_BYTES = 32 * 2**20  # AWS's largest answers, of Lambda and CloudWatch, have a few MB


class _Bounded:
    """Takes the place of a botocore endpoint's HTTP session."""

    def __init__(self, session: "URLLib3Session") -> None:
        self._session = session
        self.close = session.close

    def send(self, request: "AWSPreparedRequest") -> "AWSResponse":
        request.stream_output = True  # the body is left to be read here
        response = self._session.send(request)
        try:
            response._content = _read(response)  # type: ignore[attr-defined]  # noqa: SLF001 - where botocore keeps what it read
        except ReadTimeoutError as error:
            raise boto.ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except ProtocolError as error:
            raise boto.ConnectionClosedError(endpoint_url=request.url, request=request, error=error) from error
        return response


def _read(response: "AWSResponse") -> bytes:
    body = bytearray()
    for piece in response.raw.stream():
        body += piece
        if len(body) > MOST_BYTES:
            response.raw.close()
            raise InvalidResponse(f"the answer is longer than {MOST_BYTES >> 20} MB, as none of AWS's is")
    return bytes(body)


def bound_answers(client: "BaseClient") -> None:
    """Have this client stop reading an answer that is far longer than any of AWS's, and raise InvalidResponse."""
    endpoint = client._endpoint  # type: ignore[attr-defined]  # noqa: SLF001 - botocore has no setting for it
    endpoint.http_session = _Bounded(endpoint.http_session)

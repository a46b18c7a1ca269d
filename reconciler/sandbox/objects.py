"""What Lambda reads from S3: the package of a function, from the S3 that moto is.

The address of an object goes in, its bytes come out; S3's refusal becomes Lambda's, in AWS's words.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from reconciler.model.observed import AccountRegion
from reconciler.sandbox import moto_backend
from reconciler.sandbox.control_plane import ApiError
from reconciler.sandbox.wire import Request, Scope

_SIGNED = "AWS4-HMAC-SHA256"  # moto asks that a request be signed, and looks no further
_ERROR = re.compile(rb"<Code>(.*?)</Code>\s*<Message>(.*?)</Message>", re.DOTALL)


def fetched(place: AccountRegion, given: Mapping[str, object]) -> bytes:
    """The object at S3Bucket, S3Key and S3ObjectVersion; raises the ApiError that names S3's own (recorded)."""
    version = given.get("S3ObjectVersion")
    query = urlencode({"versionId": version}) if version is not None else ""
    path = f"/{given.get('S3Bucket')}/{quote(str(given.get('S3Key')))}"
    request = Request("GET", path, query, {"authorization": _SIGNED})
    answered = moto_backend.answer(request, Scope("", place.region, "s3"), place.account)
    if answered.status == 200:
        return answered.body
    found = _ERROR.search(answered.body)
    code, message = (found[1].decode(), found[2].decode()) if found else (str(answered.status), "")
    text = f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
    raise ApiError(400, "InvalidParameterValueException", text)

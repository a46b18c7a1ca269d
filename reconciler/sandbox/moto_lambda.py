"""Lambda's operations that the model does not have (layers, code signing, Invoke): moto's own Lambda answers.

moto must know a function before it can answer for it, so the function is made there, bare, at the first such call
that names it. moto never sees a qualifier: whether the alias or version exists is asked of the model.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from reconciler.model.observed import AccountRegion, partition
from reconciler.sandbox import moto_backend
from reconciler.sandbox.control_plane import Answer, ApiError
from reconciler.sandbox.control_plane.names import LATEST, FunctionName, function_arn, parse
from reconciler.sandbox.rest import Call
from reconciler.sandbox.wire import Request, Response, Scope

Ask = Callable[[str, Mapping[str, Any]], Answer]  # one call to the model, under its lock; raises ApiError


def answer(request: Request, call: Call, place: AccountRegion, ask: Ask) -> Response:
    """What moto answers, once the function that the call names exists there too; raises the model's 404 otherwise."""
    named = _named(call.params)
    if named is None:
        return _dispatch(request, call, place)
    named = replace(named, qualifier=call.params.get("Qualifier", named.qualifier))
    try:
        version = _ensure(named, place, ask)
    except ApiError as missing:
        raise _as_told(call.operation, named, place, missing) from None
    path = "/".join(quote(named.name) if part == "{FunctionName}" else given for part, given in _parts(request, call))
    answered = _dispatch(replace(request, path=path), call, place)
    if not call.operation.startswith("Invoke"):
        return answered
    return replace(answered, headers={**answered.headers, "X-Amz-Executed-Version": version})


def _as_told(operation: str, named: FunctionName, place: AccountRegion, missing: ApiError) -> ApiError:
    """That the function, alias or version is missing, in the words of the operation (recorded)."""
    arn = function_arn(place.region, place.account, named.name, named.qualifier or LATEST)
    return ApiError(missing.status, missing.code, f"Function not found: {arn}") if operation == "Invoke" else missing


def forget(params: Mapping[str, Any], place: AccountRegion) -> None:
    """A function deleted in the model (`params` of that call) is deleted in moto too, with what hangs on it."""
    named = parse(str(params["FunctionName"]))
    backend = _backend(place)
    if named.qualifier is None and "Qualifier" not in params and _known(backend, named.name):
        backend.delete_function(named.name)


def _named(params: Mapping[str, Any]) -> FunctionName | None:
    if "FunctionName" in params:
        return parse(str(params["FunctionName"]))
    resource = str(params.get("Resource", ""))
    return parse(resource) if ":function:" in resource else None


def _parts(request: Request, call: Call) -> list[tuple[str, str]]:
    given = request.path.split("/")
    return list(zip(("", *call.route.segments), given, strict=False))


def _dispatch(request: Request, call: Call, place: AccountRegion) -> Response:
    answered = moto_backend.answer(request, Scope("", place.region, "lambda"), place.account)
    succeeded = 200 <= answered.status < 300 and not call.operation.startswith("Invoke")
    return replace(answered, status=call.route.status) if succeeded else answered


def _ensure(named: FunctionName, place: AccountRegion, ask: Ask) -> str:
    """The version that the name leads to, once moto knows the function."""
    qualifier = {"Qualifier": named.qualifier} if named.qualifier else {}
    found = ask("GetFunctionConfiguration", {"FunctionName": named.name, **qualifier}).body or {}
    backend = _backend(place)
    if not _known(backend, named.name):
        backend.create_function(
            {
                "FunctionName": named.name,
                "Role": _role(place),
                "Code": {"ZipFile": ""},
                "Handler": "sandbox",
                "Runtime": "python3.11",
            }
        )
    return str(found["Version"])


def _backend(place: AccountRegion) -> Any:  # noqa: ANN401 - moto's LambdaBackend, imported late
    with moto_backend.importing:
        moto_backend.load()
        from moto.awslambda.utils import get_backend  # noqa: PLC0415 - slow to import

        return get_backend(place.account, place.region)


def _known(backend: Any, name: str) -> bool:  # noqa: ANN401 - as above
    return any(function.function_name == name for function in backend.list_functions())


def _role(place: AccountRegion) -> str:
    """A role that moto accepts for its copy of a function."""
    with moto_backend.importing:
        from moto.iam.models import iam_backends  # noqa: PLC0415 - slow to import

    backend = iam_backends[place.account][partition(place.region)]
    for role in backend.get_roles():
        if role.name == "sandbox":
            return str(role.arn)
    made = backend.create_role("sandbox", "{}", "/", None, "", [], None)
    return str(made.arn)

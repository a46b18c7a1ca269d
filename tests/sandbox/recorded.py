"""Recorded AWS answers as data: how a case is set up, called and judged, through the clients of any account.

The JSON files beside this hold one object a case: `setup` and `call` are API calls (of `service`, Lambda where none is
named) or states of the world, `expect` is what AWS answered. RevisionIds are read before and after the call;
`<region>` and the like stand for the target's own values, `{"zip": …}` for a package with this content,
`{"from": "remembered", "field": …}` for what a step remembered.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from recorded_worlds import WORLDS, bucket, mapping_of, target_arn

JSON = Any  # a recorded document
CASES: tuple[Mapping[str, JSON], ...] = tuple(json.loads(Path(__file__).with_name("aws-cases.json").read_text()))
LATER: tuple[Mapping[str, JSON], ...] = tuple(json.loads(Path(__file__).with_name("aws-cases-2.json").read_text()))
MORE: tuple[Mapping[str, JSON], ...] = tuple(
    case
    for name in ("more-cases.json", "caller-cases.json")
    for case in json.loads(Path(__file__).with_name(name).read_text())
)
ABSENT = "<absent>"
MINIMUM_UNRESERVED = 100


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: `raw` is the body as it came over the wire, `parsed` as boto3 gives it."""

    status: int
    parsed: Mapping[str, JSON]
    raw: bytes
    error: Mapping[str, JSON] | None = None


@dataclass(slots=True)
class Target:
    """Where a case is tried: the clients of a world of its own by service, and the hand that moves its clock."""

    client_of: Callable[[str], Any]
    account: str
    region: str
    advance: Callable[[float], None]
    settle_seconds: float
    fail_seconds: float
    update_seconds: float
    remembered: dict[str, JSON] = field(default_factory=dict)
    raw: list[bytes] = field(default_factory=list)
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:  # noqa: ANN401 - a boto3 client
        """The service's client, made once; it keeps every body as it came, since boto3 hides which members it had."""
        if service not in self.clients:
            client = self.clients[service] = self.client_of(service)
            client.meta.events.register(
                f"before-parse.{client.meta.service_model.service_id.hyphenize()}",
                lambda response_dict, **_: self.raw.append(response_dict["body"]),
            )
        return self.clients[service]

    def call(self, operation: str, params: Mapping[str, JSON], service: str = "lambda") -> Answered:
        method = getattr(self.client(service), _snake(operation))
        try:
            parsed = method(**params)
        except ClientError as refused:
            status = refused.response["ResponseMetadata"]["HTTPStatusCode"]
            return Answered(status, refused.response, self.raw[-1], refused.response["Error"])
        return Answered(parsed["ResponseMetadata"]["HTTPStatusCode"], parsed, self.raw[-1])

    def must(self, operation: str, params: Mapping[str, JSON], service: str = "lambda") -> Mapping[str, JSON]:
        answered = self.call(operation, params, service)
        assert answered.error is None, (operation, params, answered.error)
        return answered.parsed


def run(case: Mapping[str, JSON], target: Target) -> None:
    """Set the case up, make its call and hold the answer against the recording."""
    for step in case["setup"]:
        _set_up(step, target)
    expect = case["expect"]
    watched = [*expect.get("changed", []), *expect.get("unchanged", [])]
    before = {name: _revision(name, target) for name in watched}
    params = _resolved(case["call"]["params"], target)
    if "Bucket" in params:
        params["Bucket"] = bucket(params["Bucket"], target)
    service = _service(case["call"])
    answered = target.call(case["call"]["op"], params, service)
    _judge_status(expect, answered, target)
    if service == "lambda":
        _judge_error_body(expect, answered)
    _judge_fields(expect, answered, target)
    _judge_revisions(expect, answered, before, target)


def _set_up(step: Mapping[str, JSON], target: Target) -> None:
    if "op" in step:
        target.must(step["op"], _resolved(step["params"], target), _service(step))
    elif step.get("remember") == "alarms":
        target.remembered["alarms"] = _alarms(target)
    elif "remember" in step:
        target.remembered[step["remember"]] = _revision(step["remember"], target)
    else:
        _WORLDS[step["world"]](step, target)


def _service(call: Mapping[str, JSON]) -> str:
    return str(call.get("service", "lambda"))


def _alarms(target: Target) -> list[str]:
    """The names of the alarms that CloudWatch has now, two for each scaling policy."""
    found = target.must("DescribeAlarms", {}, "cloudwatch")["MetricAlarms"]
    policies = target.must("DescribeScalingPolicies", {"ServiceNamespace": "lambda"}, "application-autoscaling")
    assert len(found) == 2 * len(policies["ScalingPolicies"]) > 0
    return [str(alarm["AlarmName"]) for alarm in found]


def _function(step: Mapping[str, JSON], target: Target) -> None:
    variables = dict(step.get("env", {})) | ({"SANDBOX_INIT_FAILS": "1"} if step.get("init_fails") else {})
    optional = {"Environment": {"Variables": variables}} if variables else {}
    if "description" in step:
        optional["Description"] = step["description"]
    role = f"arn:aws:iam::{target.account}:role/lambda"
    code = {"ZipFile": b"PK\x05\x06" + bytes(18)}
    request = {"FunctionName": step["name"], "Runtime": "python3.12", "Handler": "handler.handler"}
    target.must("CreateFunction", {**request, "Role": role, "Code": code, **optional})
    target.advance(target.update_seconds)
    state = target.must("GetFunctionConfiguration", {"FunctionName": step["name"]})
    assert (state["State"], state["LastUpdateStatus"]) == ("Active", "Successful")


def _update(step: Mapping[str, JSON], target: Target) -> None:
    _updating(step, target)
    target.advance(target.update_seconds)
    state = target.must("GetFunctionConfiguration", {"FunctionName": step["name"]})
    assert state["LastUpdateStatus"] == "Successful"


def _updating(step: Mapping[str, JSON], target: Target) -> None:
    changes = step.get("set", {"Timeout": 8})
    state = target.must("UpdateFunctionConfiguration", {"FunctionName": step["name"], **changes})
    assert state["LastUpdateStatus"] == "InProgress"


def _provisioned(status: str) -> Callable[[Mapping[str, JSON], Target], None]:
    def wait(step: Mapping[str, JSON], target: Target) -> None:
        target.advance(target.fail_seconds if status == "FAILED" else target.settle_seconds)
        where = {"FunctionName": step["name"], "Qualifier": step["qualifier"]}
        assert target.must("GetProvisionedConcurrencyConfig", where)["Status"] == status

    return wait


def _settled(_step: Mapping[str, JSON], target: Target) -> None:
    target.advance(target.update_seconds)


def _allocated(_step: Mapping[str, JSON], target: Target) -> None:
    target.advance(target.settle_seconds)


_WORLDS: Mapping[str, Callable[[Mapping[str, JSON], Target], None]] = {
    "function": _function,
    "update": _update,
    "updating": _updating,
    "settled": _settled,
    "allocated": _allocated,
    "pc-ready": _provisioned("READY"),
    "pc-failed": _provisioned("FAILED"),
    **WORLDS,
}


_READ: Mapping[str, Callable[[Mapping[str, JSON], Target], JSON]] = {
    "from": lambda value, target: (
        target.remembered[value["field"]]
        if value["from"] == "remembered"
        else _configuration(_named(value["from"], target), target)[value["field"]]
    ),
    "account": lambda value, target: (
        target.must("GetAccountSettings", {})["AccountLimit"][value["account"]] + value["plus"]
    ),
    "zip": lambda value, _target: _package(value["zip"]),
    "bytes": lambda value, _target: value["bytes"].encode(),
}


def _resolved(value: JSON, target: Target) -> JSON:
    """Parameters with what is read at this moment put in."""
    if isinstance(value, dict):
        read = next((read for member, read in _READ.items() if member in value), None)
        return read(value, target) if read else {key: _resolved(item, target) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, target) for item in value]
    return _named(value, target) if isinstance(value, str) else value


def _named(text: str, target: Target) -> str:
    """A text with the target's own account, region and names in it."""
    text = text.replace("<region>", target.region).replace("<account>", target.account)
    text = text.replace("<target-arn>", target_arn(target))
    for name, value in target.remembered.items():
        text = text.replace(name, str(value)) if name.startswith("<") else text
    return text


def _package(content: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler.py"), content)
    return packed.getvalue()


def _configuration(name: str, target: Target) -> Mapping[str, JSON]:
    kind, _, which = name.partition(":")
    if kind == "policy":
        return target.must("GetPolicy", {"FunctionName": "f"})
    if kind == "esm":
        return mapping_of(which, target)
    if kind == "alias":
        return target.must("GetAlias", {"FunctionName": "f", "Name": which})
    qualifier = {"Qualifier": which} if kind == "version" else {}
    return target.must("GetFunctionConfiguration", {"FunctionName": "f", **qualifier})


def _revision(name: str, target: Target) -> str:
    return str(_configuration(name, target)["RevisionId"])


def _filled(text: JSON, target: Target) -> JSON:
    """An expected value with the target's own account, region and numbers in it."""
    if isinstance(text, list):
        return [_filled(item, target) for item in text]
    if isinstance(text, dict):
        return {key: _filled(value, target) for key, value in text.items()}
    if not isinstance(text, str):
        return text
    text = _named(text, target)
    text = text.replace("<min-unreserved>", str(MINIMUM_UNRESERVED))
    if "<concurrent-executions>" in text:
        limit = target.must("GetAccountSettings", {})["AccountLimit"]["ConcurrentExecutions"]
        text = text.replace("<concurrent-executions>", str(limit))
    if "<latest:CodeSha256>" in text:
        text = text.replace("<latest:CodeSha256>", _configuration("latest", target)["CodeSha256"])
    return text


def _judge_status(expect: Mapping[str, JSON], answered: Answered, target: Target) -> None:
    assert answered.status == expect["status"], answered.error
    if "error_code" not in expect:
        assert answered.error is None
        return
    assert answered.error is not None
    assert answered.error["Code"] == expect["error_code"]
    assert answered.error["Message"] == _filled(expect["message"], target)


def _judge_error_body(expect: Mapping[str, JSON], answered: Answered) -> None:
    """How Lambda spells the text of a refusal, and whether it says whose fault it is."""
    if "error_code" not in expect:
        return
    document = json.loads(answered.raw)
    capital = expect["error_code"] in {"ResourceNotFoundException", "ServiceException", "AccessDeniedException"}
    assert ("Message" in document, "message" in document) == (capital, not capital)
    typed = expect.get("type_member", expect["error_code"] != "ValidationException")
    assert document.get("Type") == ("User" if typed else None)


def _judge_fields(expect: Mapping[str, JSON], answered: Answered, target: Target) -> None:
    document = _document(answered)
    for path, wanted in expect.get("fields", {}).items():
        found = at(document, path)
        items = found if "[]" in path and isinstance(found, list) else [found]
        if wanted == ABSENT:
            assert items, path
            assert all(item == ABSENT for item in items), path
        elif wanted == "<any>":
            assert ABSENT not in items, path
        else:
            assert found == _filled(wanted, target), path
    for path, wanted in expect.get("json_fields", {}).items():
        found = at(document, path)
        found = json.loads(found) if isinstance(found, str) and isinstance(wanted, dict | list) else found
        assert found == _filled(wanted, target), path
    for path, wanted in expect.get("sorted_fields", {}).items():
        assert sorted(at(document, path)) == sorted(_filled(wanted, target)), path
    for path, keys in expect.get("keys", {}).items():
        found = at(document, path)
        assert sorted(json.loads(found) if isinstance(found, str) else found) == sorted(keys), path
    for path, count in expect.get("count", {}).items():
        assert len(at(document, path)) == count, path


def _document(answered: Answered) -> JSON:
    """The answer as it came where that is JSON, else (CloudWatch, S3) as boto3 read it."""
    try:
        return json.loads(answered.raw) if answered.raw.strip() else {}
    except ValueError:
        return answered.parsed


def _judge_revisions(expect: Mapping[str, JSON], answered: Answered, before: Mapping[str, str], target: Target) -> None:
    for name in expect.get("changed", []):
        assert _revision(name, target) != before[name], name
    for name in expect.get("unchanged", []):
        assert _revision(name, target) == before[name], name
    configuration = answered.parsed.get("Configuration", answered.parsed)
    for name in expect.get("changed_since_remembered", []):
        assert configuration["RevisionId"] != target.remembered[name], name
    for name in expect.get("same_since_remembered", []):
        assert configuration["RevisionId"] == target.remembered[name], name


def at(document: JSON, path: str) -> JSON:
    """The value at a path: `A.B` by member, `L[]` over a list, `L[0]` one item; `<absent>` where nothing is.

    "" is the document itself; a policy, which is text, is read as the document that it holds.
    """
    if not path:
        return document
    for index, part in enumerate(path.split(".")):
        name, bracket, inside = part.partition("[")
        document = json.loads(document) if isinstance(document, str) else document
        document = document.get(name, ABSENT) if isinstance(document, dict) else ABSENT
        if document == ABSENT:
            return ABSENT
        if bracket and inside == "]":
            rest = ".".join(path.split(".")[index + 1 :])
            return [at(item, rest) for item in document]
        if bracket:
            document = document[int(inside.rstrip("]"))]
    return document


def _snake(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()

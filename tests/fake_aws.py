"""The AWS CLI as far as the doctor's commands need it: its words become one boto3 call to AWS_ENDPOINT_URL.

Options are those of botocore's model, as the CLI derives its own; an unknown one fails. What is printed is JSON without
the response's metadata, or text. With CHECK_ONLY set, the parameters are only checked against the model.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
import jmespath  # type: ignore[import-untyped]  # it has no types
from botocore import xform_name
from botocore.validate import ParamValidator

COMMANDS = {"s3api": "s3"}
RENAMED = {("sns", "notification_endpoint"): "endpoint"}
OWN = frozenset({"region", "query", "output", "cli_input_json"})


def main(service: str, command: str, *words: str) -> None:
    options = {word.removeprefix("--").replace("-", "_"): value for word, value in pairs(words)}
    name: Any = COMMANDS.get(service, service)  # boto3-stubs knows services by overloads
    client: Any = boto3.client(name, region_name=options.get("region", "us-east-1"))
    method = command.replace("-", "_")
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
    members = {xform_name(name): (name, member) for name, member in shape.members.items()}
    given: dict[str, Any] = json.loads(file(options["cli_input_json"])) if "cli_input_json" in options else {}
    for option, text in options.items():
        if option not in OWN:
            member, shaped = members[RENAMED.get((service, option), option)]
            given[member] = value(shaped.type_name, text)
    problems = ParamValidator().validate(given, shape)
    if problems.has_errors():
        raise SystemExit(problems.generate_report())
    if "CHECK_ONLY" in os.environ:
        sys.stdout.write("[]\n")
    else:
        show(getattr(client, method)(**given), options)


def pairs(words: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(words[::2], words[1::2], strict=True))


def file(text: str) -> str:
    return Path(text.removeprefix("file://")).read_text(encoding="utf-8") if text.startswith("file://") else text


def value(kind: str, text: str) -> Any:  # noqa: ANN401 - as the model has it
    """A member's value: JSON from a file, the shorthand `a=b,c=d`, or the text itself."""
    if kind in {"structure", "map", "list"} and text.startswith("file://"):
        return json.loads(file(text))
    if kind == "list":
        return [dict(part.split("=", 1) for part in text.split(",")) if "=" in text else text]
    return text


def show(answer: dict[str, Any], options: dict[str, str]) -> None:
    answer.pop("ResponseMetadata", None)
    found = jmespath.search(options["query"], answer) if "query" in options else answer
    if options.get("output") == "text":
        rows = found if isinstance(found, list) else [found]
        sys.stdout.write("\n".join("\t".join(row) if isinstance(row, list) else str(row) for row in rows) + "\n")
    elif found:
        sys.stdout.write(json.dumps(found, indent=4, default=str) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""`reconcile schema`: the JSON Schema of the file, for editors."""

import json

from reconciler.cli.commands import OK
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.config import json_schema


def run(_: Options, output: Output, __: Signals) -> int:
    output.raw(json.dumps(json_schema(), indent=2))
    return OK

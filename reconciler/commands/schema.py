"""`reconcile schema`: the JSON Schema of the file, for editors."""

import json

from reconciler.commands import OK
from reconciler.config import json_schema
from reconciler.options import Options
from reconciler.output import Output
from reconciler.signals import Signals


def run(_: Options, output: Output, __: Signals) -> int:
    output.raw(json.dumps(json_schema(), indent=2))
    return OK

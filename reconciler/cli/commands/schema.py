"""`reconcile schema`: the JSON Schema of the file, for editors, or of what a command prints, for scripts."""

import json

from reconciler.cli.commands import OK
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.config import json_schema
from reconciler.report import documents


def run(options: Options, output: Output, _: Signals) -> int:
    schema = json_schema() if options.of == "file" else documents.json_schema(options.of)
    output.raw(json.dumps(schema, indent=2))
    return OK

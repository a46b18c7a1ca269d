"""`reconcile sandbox`: an emulated AWS on 127.0.0.1, for any AWS client. The file is optional."""

from dataclasses import fields
from pathlib import Path

from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.config import read
from reconciler.sandbox import EndpointOptions, serve


def run(options: Options, _: Output, __: Signals) -> int:
    config = read(options.config) if options.config_given or Path(options.config).exists() else None
    asked = {field.name: getattr(options, field.name) for field in fields(EndpointOptions)}
    endpoint = EndpointOptions(**{name: value for name, value in asked.items() if value is not None})
    return serve(endpoint, config)

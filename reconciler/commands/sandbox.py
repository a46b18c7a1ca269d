"""`reconcile sandbox`: an emulated AWS on 127.0.0.1, for any AWS client. The file is optional."""

from pathlib import Path

from reconciler.config import read
from reconciler.options import Options
from reconciler.output import Output
from reconciler.sandbox import EndpointOptions, serve
from reconciler.signals import Signals


def run(options: Options, _: Output, __: Signals) -> int:
    config = read(options.config) if options.config_given or Path(options.config).exists() else None
    endpoint = EndpointOptions(
        port=options.port,
        functions=options.functions,
        latency=options.latency,
        quota=options.quota,
        allocation=options.allocation,
        update=options.update,
        log=options.log,
    )
    return serve(endpoint, config)

"""An emulated AWS: Lambda's control plane and Application Auto Scaling by models of our own, the rest by moto.

Two ways in. `open_sandbox` is the sandbox in this process (`--sandbox`, and tests): it gives boto3 sessions whose
requests never leave it. `serve` is `reconcile sandbox`: an HTTP endpoint for any AWS client. Both are one World
(world.py): a request is told apart (wire.py), understood (rest.py, json_protocol.py) and given to Lambda's model
(control_plane/), to what scales it (scaling/) or to the model of executions (executions.py); what Lambda's model lacks
and every other service is moto's (moto_lambda.py, moto_backend.py), but for what AWS would refuse (corrections.py).

Importing this package is cheap; moto and botocore are imported by the first function that is called.
"""

import time
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from reconciler.model.desired import Config
from reconciler.model.errors import ReconcileError
from reconciler.sandbox.options import EndpointOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.sandbox.embedded import Sandbox

__all__ = ["EndpointOptions", "open_sandbox", "serve"]


@contextmanager
def open_sandbox(config: Config | None = None) -> "Iterator[Sandbox]":
    """The sandbox in this process, seeded with every function that the file names.

    `sandbox.session(account, region)` gives the sessions; provisioned concurrency takes two seconds.
    """
    _require_moto()
    from reconciler.sandbox.embedded import embedded  # noqa: PLC0415 - moto and boto3 only where they are wanted

    with embedded(config, clock=time.time) as sandbox:
        yield sandbox


def serve(options: EndpointOptions, config: Config | None) -> int:
    """Run the endpoint on 127.0.0.1 until Ctrl-C, with the file's functions if there is a file; gives the exit code."""
    _require_moto()
    from reconciler.sandbox.endpoint import serve as run  # noqa: PLC0415 - as above

    return run(options, config)


def _require_moto() -> None:
    if find_spec("moto") is None:
        raise ReconcileError("the sandbox needs moto: pip install '.[sandbox]'")

"""`reconcile iam-policy`: the least-privilege policy for the file's functions. Offline."""

import json

from reconciler.commands import OK
from reconciler.config import read
from reconciler.options import Options
from reconciler.output import Output
from reconciler.policy import policy, policy_notes
from reconciler.signals import Signals


def run(options: Options, output: Output, _: Signals) -> int:
    config = read(options.config)
    output.warn(policy_notes(config, read_only=options.read_only))
    output.raw(json.dumps(policy(config, read_only=options.read_only), indent=2))
    return OK

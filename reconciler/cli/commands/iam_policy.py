"""`reconcile iam-policy`: the least-privilege policy for the file's functions. Offline.

One policy is printed as IAM takes it; several as `{"policies": [{"title": "account …", "policy": {…}}]}`.
"""

import json

from reconciler.cli.commands import OK
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.signals import Signals
from reconciler.config import read
from reconciler.decide.iam_policy import policies, policy_notes


def run(options: Options, output: Output, _: Signals) -> int:
    config = read(options.config)
    given = policies(config, read_only=options.read_only, doctor=options.doctor, prune=options.prune)
    output.warn(policy_notes(config, given))
    several = {"policies": [{"title": policy.title, "policy": policy.document} for policy in given]}
    output.raw(json.dumps(several if len(given) > 1 else given[0].document, indent=2))
    return OK

"""`reconcile apply`: change AWS to match the file."""

from dataclasses import replace

from reconciler.cli.after import deploy_after, wait_for_deploy
from reconciler.cli.approval import check_allowed_codes
from reconciler.cli.commands.applying import Applying
from reconciler.cli.commands.deciding import Decided, chosen, observed_and_decided, reaching, selection
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.plan_file import SavedPlan, Selection, load
from reconciler.cli.signals import Signals
from reconciler.config import fingerprint, read
from reconciler.model.desired import Config
from reconciler.model.errors import NotApproved


def run(options: Options, output: Output, signals: Signals) -> int:
    check_allowed_codes(options.allow)
    file = read(options.config)
    saved = _saved(options, file)
    deploy = deploy_after(options, file)
    asked = selection(replace(options, group=(deploy.group,)) if deploy else options)
    wanted = saved.selection if saved and asked == Selection() else asked
    config, desired = chosen(file, wanted, options)
    with reaching(config, options) as aws:
        if deploy:
            wait_for_deploy(deploy, aws, config, options, output)

        def decide() -> Decided:
            return observed_and_decided(aws, config, desired, output)

        return Applying(decide, config, options, output, signals).run(saved)


def _saved(options: Options, config: Config) -> SavedPlan | None:
    saved = load(options.planfile) if options.planfile else None
    if saved and saved.config != fingerprint(config):
        raise NotApproved(
            f"the saved plan was made from a file that asks for something else than {config.source} does now. "
            "Nothing was written",
            hint="plan again, with --out",
        )
    return saved

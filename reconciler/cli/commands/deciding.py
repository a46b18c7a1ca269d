"""What plan, apply and status share: the file, the ions selected, observed and decided about."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.cli.file_warnings import file_warnings
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.plan_file import Selection
from reconciler.config import select
from reconciler.config.left_open import check_filled, fill
from reconciler.decide.plan import decide
from reconciler.model.desired import Config, Desired
from reconciler.model.plan import Plan
from reconciler.observe import observe
from reconciler.observe.environments import Resolved

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from reconciler.cli.wiring import Aws


@dataclass(frozen=True, slots=True)
class Decided:
    """A plan, and the environments that it can be carried out in."""

    plan: Plan
    resolved: Resolved


def selection(options: Options) -> Selection:
    return Selection(options.group, options.only, options.exclude)


def chosen(config: Config, wanted: Selection, options: Options) -> tuple[Config, tuple[Desired, ...]]:
    """The file with what the options fill in, and the ions of it that the command is about."""
    profile, region = options.profile, options.region
    filled = fill(config, profile=profile, region=region)
    named = "GLOB" if options.globs else "--only"
    desired = select(filled, groups=wanted.groups, only=wanted.only, exclude=wanted.exclude, named=named)
    check_filled(desired, profile=profile, region=region)
    return filled, desired


def reaching(config: Config, options: Options) -> "AbstractContextManager[Aws]":
    """Access to AWS as the options ask."""
    from reconciler.cli.wiring import aws_for  # noqa: PLC0415 - a wrong file is told without the weight of boto3

    return aws_for(config, parallelism=options.parallelism, sandbox=options.sandbox, verbose=options.verbose)


def observed_and_decided(aws: "Aws", config: Config, desired: tuple[Desired, ...], output: Output) -> Decided:
    """Observe everything, then decide. Warnings are told at once."""
    output.warn(file_warnings(config, desired))
    with output.progress() as waiting:
        resolved = aws.resolve(desired)
        output.endpoint = aws.endpoint
        world = observe(resolved, progress=waiting)
    plan = decide(world, config)
    output.warn(plan.warnings)
    return Decided(plan, resolved)

"""`--profile` and `--region`: what the file leaves open, filled in; a file that says another is never overridden."""

from collections.abc import Iterable
from dataclasses import replace

from reconciler.model.desired import Config, Desired
from reconciler.model.errors import UsageError


def fill(config: Config, *, profile: str | None, region: str | None) -> Config:
    """The file with the profile and region given wherever it names none. None: leave open what is."""
    if profile is None and region is None:
        return config
    return replace(config, desired=tuple(_filled(each, profile, region) for each in config.desired))


def _filled(desired: Desired, profile: str | None, region: str | None) -> Desired:
    said = desired.connection
    return replace(desired, connection=replace(said, profile=said.profile or profile, region=said.region or region))


def check_filled(desired: Iterable[Desired], *, profile: str | None, region: str | None) -> None:
    """Raise UsageError when the file says another profile or region for one of these ions."""
    for each in desired:
        asked = (("profile", profile, each.connection.profile), ("region", region, each.connection.region))
        for name, given, said in asked:
            if given is not None and said != given:
                raise UsageError(
                    f"--{name} says {given}, and the file says {name} {said} for {each.function}",
                    where=each.where,
                    hint=f"leave --{name} out: it is for what the file leaves open; or choose ions with --only",
                )

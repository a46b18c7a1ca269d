"""What a sandbox starts with: the functions that a file names, or so many made-up ones."""

from collections.abc import Callable, Iterable, Iterator

from reconciler.model.desired import Config, ConnectionSettings
from reconciler.model.observed import AccountRegion
from reconciler.sandbox.wire import DEFAULT_REGION
from reconciler.sandbox.world import World


def seed(world: World, functions: Iterable[tuple[AccountRegion, str]]) -> None:
    """These functions, each where it belongs."""
    named: dict[AccountRegion, list[str]] = {}
    for place, name in functions:
        named.setdefault(place, []).append(name)
    for place, names in named.items():
        world.seed(place.account, place.region, tuple(dict.fromkeys(names)))


def named_by(config: Config, account_of: Callable[[ConnectionSettings], str]) -> Iterator[tuple[AccountRegion, str]]:
    """Every function that the file names, in its declared region and the account that its connection leads to."""
    for desired in config.desired:
        region = desired.connection.region or DEFAULT_REGION
        yield AccountRegion(account_of(desired.connection), region), desired.function


def made_up(count: int) -> tuple[str, ...]:
    """Names for `count` functions: demo-ion-001 and on."""
    width = max(3, len(str(count)))
    return tuple(f"demo-ion-{number:0{width}}" for number in range(1, count + 1))

"""Regions that are most likely misspelled: a warning each, since AWS may have one that the installed botocore lacks."""

from collections.abc import Iterable, Iterator

from reconciler.aws.regions import known_regions
from reconciler.config.problems import nearest
from reconciler.model.desired import Config, Desired


def region_warnings(config: Config, desired: Iterable[Desired]) -> Iterator[str]:
    """About the regions of these ions, and those of the file's `prices`."""
    named = {one.connection.region for one in desired} | config.prices.keys()
    known = known_regions()
    for region in sorted(filter(None, named)) if known else ():
        if region not in known:
            near = nearest(region, known, count=3)
            meant = f"did you mean {' or '.join(near)}?" if near else "none is spelled alike"
            yield f"{config.source}: region {region} is none that the installed botocore knows; {meant}"

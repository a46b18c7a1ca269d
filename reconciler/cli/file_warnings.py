"""What is no error of the file, and may still surprise: its own warnings, and regions that are most likely misspelled.

AWS may have a region that the installed botocore lacks, so that it is no error.
"""

from collections.abc import Iterable, Iterator

from reconciler.aws.regions import known_regions
from reconciler.config.problems import nearest
from reconciler.model.desired import Config, Desired


def file_warnings(config: Config, desired: Iterable[Desired]) -> Iterator[str]:
    """Those of the file, then about the regions of these ions and of the file's `prices`."""
    yield from config.warnings
    named = {one.connection.region for one in desired} | config.prices.keys()
    known = known_regions()
    for region in sorted(filter(None, named)) if known else ():
        if region not in known:
            near = nearest(region, known, count=3)
            meant = f"did you mean {' or '.join(near)}?" if near else "none is spelled alike"
            yield f"{config.source}: region {region} is none that the installed botocore knows; {meant}"

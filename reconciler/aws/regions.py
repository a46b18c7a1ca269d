"""The names of AWS's regions, from the data that botocore comes with. botocore itself is not imported."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_REGION = re.compile(r'"([a-z]{2,}(?:-[a-z]+)+-[0-9]+)"')


@cache
def known_regions() -> frozenset[str]:
    """Every region of every partition; none where botocore's data is not a file, or not where it was."""
    found = find_spec("botocore")
    folders = found.submodule_search_locations or [] if found else []
    files = [path for folder in folders if (path := Path(folder, "data", "partitions.json")).is_file()]
    return frozenset(name for path in files for name in _REGION.findall(path.read_text(encoding="utf-8")))

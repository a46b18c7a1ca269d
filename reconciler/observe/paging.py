"""When a list of AWS's has ended: the one rule for every list that is read page by page.

A list is complete when AWS gives no marker for another page. One that never ends, or comes back to a page that was
read, is an error: what it would have said can't be known, and must not be taken for "nothing more".
"""

from reconciler.model.errors import AwsError, ErrorKind

MOST_PAGES = 2000  # of one list; AWS gives 50 rows or more on most of them


class Pages:
    """The markers of one list; `operation` is AWS's name of it."""

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self._seen: set[str] = set()

    def goes_on(self, marker: str | None) -> bool:
        """Whether there is another page after the one that came with this marker. Raises AwsError."""
        if marker is None:
            return False
        if marker in self._seen:
            raise self._endless("AWS gave the same page marker twice")
        self._seen.add(marker)
        if len(self._seen) >= MOST_PAGES:
            raise self._endless(f"the list did not end after {MOST_PAGES} pages")
        return True

    def _endless(self, why: str) -> AwsError:
        return AwsError(why, kind=ErrorKind.UNAVAILABLE, code="EndlessList", operation=self._operation)

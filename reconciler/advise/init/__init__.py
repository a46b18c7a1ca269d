"""`init`: a first `warm.yaml` from what is live, from an ion application's `ion-config.edn`, or from both.

`live_names` and `read_live` read, and only they talk to AWS; `draft` decides and writes. What comes out loads back
without an edit, and where anything live could be kept, `plan` right after it says no changes.
"""

from reconciler.advise.init.beginnings import mixed
from reconciler.advise.init.draft import draft
from reconciler.advise.init.live import Live, live_names, read_live

__all__ = ["Live", "draft", "live_names", "mixed", "read_live"]

"""`init`: a first `warm.yaml` from what is live, from an ion application's `ion-config.edn`, or from both.

`read_live` reads, `draft` decides and writes; only the former talks to AWS. What comes out loads back without an edit,
and where anything live could be kept, `plan` right after it says no changes.
"""

from reconciler.advise.init.draft import draft
from reconciler.advise.init.live import Live, read_live

__all__ = ["Live", "draft", "read_live"]

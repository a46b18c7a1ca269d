"""`doctor`: is the warm capacity reached, and does it pay? Changes nothing.

`scope_of` says what to read, `survey` reads it, `examine` concludes; only `survey` talks to AWS.
"""

from reconciler.advise.doctor.examination import examine, scope_of
from reconciler.advise.doctor.reading import Scope, Survey, survey
from reconciler.model.finding import Finding, Severity

__all__ = ["Finding", "Scope", "Severity", "Survey", "examine", "scope_of", "survey"]

"""`doctor`: is the warm capacity reached, and does it pay? Changes nothing.

`scope_of` says what to look at, `survey` reads it, `examine` concludes; only `survey` talks to AWS.
"""

from reconciler.doctor.examination import examine, scope_of
from reconciler.doctor.finding import Finding, Severity
from reconciler.doctor.reading import Scope, Survey, survey

__all__ = ["Finding", "Scope", "Severity", "Survey", "examine", "scope_of", "survey"]

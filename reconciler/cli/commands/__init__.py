"""One module a command, each reading top to bottom like the flow of the data: options in, exit code out.

file -> Desired -> resolve -> observe -> decide -> show -> approve -> apply -> show. Only `observe` and `apply` talk to
AWS; whatever can go wrong on purpose is raised as a ReconcileError, and told by `cli`. A command's module is imported
when it is run, so each costs what it needs and no more.
"""

OK, FAILED, CHANGES = 0, 1, 2

"""Keeps Datomic Ion Lambdas warm: reconciles aliases and provisioned concurrency with `warm.yaml`.

The folders are the stages that data passes through. Arrows point down only; `[tool.importlinter]` in pyproject.toml
holds them.

    text -> config -> Desired -> observe -> Snapshot -> decide -> Plan -> apply -> Outcomes -> report -> text

cli      In: argv, signals, streams. Out: an exit code. Parses arguments, runs one command, shows the plan, has it
         approved, saves and loads plan files, turns errors into messages. The only room that prints, reads the
         terminal or knows of `--sandbox`. Each command imports what it needs when it is run, and nothing else.
advise   In: a Snapshot and further reads. Out: a first file (`init`) or findings (`doctor`). Reads only; never decides
         what `apply` does.
report   In: plans, outcomes, findings. Out: text, markdown or JSON, returned and never printed. Foreign text goes
         through `escape`. Decides nothing.
apply    In: a Plan and connections. Out: the outcome of every step. The only room that holds a Writer. Carries out the
         plan's steps and waits for AWS; decides nothing anew but the ways out of a stuck alias. One coroutine an ion,
         one loop an account and region, no sleeping: time comes from a clock that is a parameter.
observe  In: Desired. Out: a Snapshot: what AWS says about every ion, or why it could not be read. Reads only, four
         calls an ion, paced to AWS's quota; a failed read is never taken for "absent".
decide   In: a Snapshot. Out: a Plan: verdicts, changes, steps, order, price, refusals. Pure: no clock, no I/O, no
         randomness. Costs microseconds an ion, so it may be asked again at any time. The IAM policy is here too.
aws      In: calls. Out: typed values or AwsError. The only importer of boto3: sessions, Reader and Writer (one AWS call
         a method), errors translated by their code, the rate limiter, and the dispatcher that queues, paces and
         retries. Nothing here knows what a call is for.
config   In: the text of `warm.yaml` or `ion-config.edn`. Out: Desired, or every problem with its position. Offline.
model    The vocabulary that all of them share: frozen values, the two ports to AWS, the error tree, and when the
         windows of a schedule open. Imports nothing of ours; no I/O.
sandbox  An emulated AWS for `--sandbox`, `reconcile sandbox` and the tests: Lambda's control plane and Application
         Auto Scaling as models of our own, moto for the services beside them. AWS's rules decide what it does; no other
         room knows that it exists.
"""

__version__ = "1.0.0"

"""The codes of the safety rules, by which `--allow` lifts one. Imports nothing: `--help` lists them."""

WRONG_ACCOUNT = "wrong-account"  # the one refusal that no `--allow` lifts
LIFTABLE = ("over-limit", "over-account", "starves-latest", "mass-removal", "owner-unknown", "moves-callers")

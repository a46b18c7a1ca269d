"""AWS's patterns for names, from Lambda's, STS's and IAM's service models, without lookaround.

Each matches a whole text, in Python (by `fullmatch`), in Rust (pydantic) and in JavaScript (JSON Schema) alike.
"""

from typing import Final

FUNCTION: Final = r"^[a-zA-Z0-9_-]{1,64}$"
ALIAS: Final = r"^[0-9]*[a-zA-Z_-][a-zA-Z0-9_-]*$"
MAX_ALIAS: Final = 128
ACCOUNT: Final = r"^[0-9]{12}$"
REGION: Final = r"^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$"
ROLE_ARN: Final = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-zA-Z0-9_+=,.@/-]+$"
EXTERNAL_ID: Final = r"^[a-zA-Z0-9_+=,.@:/-]{2,1224}$"
PROFILE: Final = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"
SCHEDULE: Final = r"^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,63}$"  # in the name of a scheduled action, which takes more
TIME: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
VERSION_NUMBER: Final = r"^[1-9][0-9]{0,17}$"

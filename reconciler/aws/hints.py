"""What a person can do about a failed call: AWS's or botocore's error code and words in, one sentence out.

Only advice lives here; what an error means for the program is decided in reconciler/aws/error_kinds.py.
Nothing is read: no files, no environment. The profile is the one that warm.yaml names, when it names one.
"""

import re
from types import MappingProxyType

_SIGN_IN = "the sign-in has expired: run `aws sso login{profile}`, then try again"
_LOGIN = "the sign-in has expired: run `aws login{profile}`, then try again"
_EXPIRED = "the credentials have expired: get new ones (`aws sso login{profile}`, or export fresh AWS_* variables)"
_NOBODY = (
    "AWS does not know these credentials: check which ones are in use (`aws sts get-caller-identity{profile}`), "
    "and that AWS_ENDPOINT_URL, where set, is meant for them"
)
_SIGNATURE = (
    "the signature was not accepted: check this machine's clock, the secret key (AWS_SECRET_ACCESS_KEY has no "
    "blanks around it), and that a proxy does not rewrite requests"
)
_CLOCK = "this machine's clock differs from AWS's: set it (NTP), then try again"
_NO_CREDENTIALS = (
    "no credentials were found: set `profile` in the file or AWS_PROFILE, run `aws sso login{profile}`, "
    "or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)
_SOURCE = "check where these credentials come from: `aws sts get-caller-identity{profile}` should show the same error"
_PROFILE = (
    "check the name: `aws configure list-profiles` shows the profiles that exist; "
    "`profile` in the file and AWS_PROFILE choose one"
)
_CONFIG_FILE = "correct ~/.aws/config (or the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name)"
_UNREACHABLE = (
    "check the network, the proxy (HTTPS_PROXY, NO_PROXY), the spelling of the region, and AWS_ENDPOINT_URL where set"
)
_CERTIFICATE = "the certificate was not accepted: name your company's bundle in AWS_CA_BUNDLE, and check the proxy"
_IN_BETWEEN = "this is no answer of AWS's: a lost connection, a proxy or a wrong AWS_ENDPOINT_URL may stand in between"
_INCOMPLETE = (
    "AWS always sends it, so check AWS_ENDPOINT_URL, where set: LocalStack works as an endpoint, "
    "moto's own server does not"
)
_REGION = "name a region in the file (`region: us-east-1`), or set AWS_REGION"
_ENDPOINT = "check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_LAMBDA: an endpoint looks like http://127.0.0.1:4566"
_STORAGE = (
    "code storage is used up in this account and region: delete versions that no alias names, or ask AWS for more"
)
_ACCOUNT_IS_FULL = "ask for less, reserve less elsewhere, or have the account's limit raised"
_POLICY = "a policy holds 20 KB: remove statements that nobody needs, or let one with a wider source stand for many"
_RESERVED_IS_FULL = "ask for less, or raise the function's reserved concurrency (`:concurrency-limit` of an ion)"

# One code for all of Lambda's rules: only its words tell which number did not fit.
_SIGNS = (
    ("Signature expired", _CLOCK),
    ("Signature not yet current", _CLOCK),
    ("unreserved concurrency", _ACCOUNT_IS_FULL),
    ("UnreservedConcurrentExecution below", _ACCOUNT_IS_FULL),
    ("greater than the reservedConcurrentExecution", _RESERVED_IS_FULL),
)

_HINTS = MappingProxyType(
    {
        "UnauthorizedSSOTokenError": _SIGN_IN,
        "SSOTokenLoadError": _SIGN_IN,
        "SSOError": _SIGN_IN,
        "TokenRetrievalError": _SIGN_IN,
        "NoAuthTokenError": _SIGN_IN,
        "UnauthorizedException": _SIGN_IN,
        "LoginError": _LOGIN,
        "LoginRefreshRequired": _LOGIN,
        "LoginTokenLoadError": _LOGIN,
        "LoginInsufficientPermissions": _LOGIN,
        "LoginAuthorizationCodeError": _LOGIN,
        "ExpiredToken": _EXPIRED,
        "ExpiredTokenException": _EXPIRED,
        "TokenRefreshRequired": _EXPIRED,
        "RefreshedCredentialsExpired": _EXPIRED,
        "UnrecognizedClientException": _NOBODY,
        "InvalidClientTokenId": _NOBODY,
        "InvalidAccessKeyId": _NOBODY,
        "AuthFailure": _NOBODY,
        "InvalidToken": _NOBODY,
        "InvalidSignatureException": _SIGNATURE,
        "SignatureDoesNotMatch": _SIGNATURE,
        "IncompleteSignature": _SIGNATURE,
        "IncompleteSignatureException": _SIGNATURE,
        "RequestExpired": _CLOCK,
        "RequestTimeTooSkewed": _CLOCK,
        "RequestInTheFuture": _CLOCK,
        "NoCredentialsError": _NO_CREDENTIALS,
        "MissingAuthenticationToken": _NO_CREDENTIALS,
        "MissingAuthenticationTokenException": _NO_CREDENTIALS,
        "PartialCredentialsError": _NO_CREDENTIALS,
        "CredentialRetrievalError": _SOURCE,
        "MetadataRetrievalError": _SOURCE,
        "MissingDependencyException": _SOURCE,
        "RefreshWithMFAUnsupportedError": _SOURCE,
        "UnknownCredentialError": _SOURCE,
        "ProfileNotFound": _PROFILE,
        "ConfigParseError": _CONFIG_FILE,
        "ConfigNotFound": _CONFIG_FILE,
        "InvalidConfigError": _CONFIG_FILE,
        "InfiniteLoopConfigError": _CONFIG_FILE,
        "EndpointConnectionError": _UNREACHABLE,
        "ConnectTimeoutError": _UNREACHABLE,
        "ProxyConnectionError": _UNREACHABLE,
        "SSLError": _CERTIFICATE,
        "NoRegionError": _REGION,
        "InvalidRegionError": _REGION,
        "InvalidEndpoint": _ENDPOINT,
        "InvalidEndpointConfigurationError": _ENDPOINT,
        "EndpointResolutionError": _ENDPOINT,
        "CodeStorageExceededException": _STORAGE,
        "PolicyLengthExceededException": _POLICY,
        "UnintelligibleAnswer": _IN_BETWEEN,
        "IncompleteAnswer": _INCOMPLETE,
        "401": _IN_BETWEEN,
        "403": _IN_BETWEEN,
        "407": _IN_BETWEEN,
    }
)


# Registering a scalable target takes permissions of other services, the first time iam:CreateServiceLinkedRole.
_NAMED_ACTIONS = re.compile(
    r"(?:is not authorized to perform|is missing the following permissions):\s*"
    r"([\w-]+:\w+(?:\s*,\s*[\w-]+:\w+)*)"
)
_BLANKS = re.compile(r"\s+")


def hint_for(code: str, message: str = "", *, profile: str | None = None) -> str | None:
    """One sentence that a person can act on, or None where AWS's own words are all there is.

    The message tells a wrong clock from a wrong key, which share a code, and which number did not fit.
    """
    hint = next((hint for sign, hint in _SIGNS if sign in message), None) or _HINTS.get(code)
    return hint.replace("{profile}", f" --profile {profile}" if profile else "") if hint else None


def permission_hint(action: str, resource: str, words: str) -> str:
    """What to allow when AWS denied one action, or others that it takes beside it, which its words name."""
    found = _NAMED_ACTIONS.search(words)
    named = _BLANKS.sub("", found[1]).split(",") if found else [action]
    what = f"{action} on {resource}" if action in named else ", ".join(named)
    return f"allow {what}; `reconcile iam-policy` prints the whole policy for the file"


def endpoint_hint(action: str) -> str:
    """What to check when the endpoint does not know an operation that AWS has."""
    return f"this endpoint does not offer {action}: check AWS_ENDPOINT_URL and its like"


def role_hint(operation: str) -> str | None:
    """What to check when the call that fetches credentials was refused."""
    match operation:
        case "AssumeRole":
            return (
                "the role's trust policy must allow this caller, and `external_id`, where it asks for one, must match"
            )
        case "GetRoleCredentials":
            return "check sso_account_id and sso_role_name of the profile: this sign-in has no such permission set"
        case _:
            return None

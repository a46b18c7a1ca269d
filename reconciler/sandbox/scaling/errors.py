"""Application Auto Scaling's refusals: HTTP 400, a code and words, without Lambda's `Type`.

The words of missing targets, of bounds, of unsupported resources and of missing permissions are AWS's (public issues);
where no source shows them, they say the rule that AWS documents.
"""

from reconciler.sandbox.control_plane.errors import ApiError

NAMESPACE, DIMENSION = "lambda", "lambda:function:ProvisionedConcurrency"
BOUNDS = "Maximum capacity cannot be less than minimum capacity"
UNSUPPORTED = "Unsupported service namespace, resource type or scalable dimension"


def invalid(message: str) -> ApiError:
    return ApiError(400, "ValidationException", message, type_=None)


def unknown(operation: str) -> ApiError:
    return ApiError(400, "UnknownOperationException", f"Scaling has no operation {operation}", type_=None)


def not_registered(resource_id: str) -> ApiError:
    return _not_found(f"No scalable target registered for {_where(resource_id)}")


def no_policy(resource_id: str, name: str) -> ApiError:
    return _not_found(f"No scaling policy found for {_where(resource_id)}, policy name: {name}")


def no_action(resource_id: str, name: str) -> ApiError:
    return _not_found(f"No scheduled action found for {_where(resource_id)}, scheduled action name: {name}")


def bad_token() -> ApiError:
    return ApiError(400, "InvalidNextTokenException", "The next token is not valid", type_=None)


def too_many(what: str, limit: int) -> ApiError:
    return ApiError(400, "LimitExceededException", f"You already have {limit} {what}", type_=None)


def no_resource(arn: str) -> ApiError:
    extra = {"ResourceName": arn}
    return ApiError(400, "ResourceNotFoundException", f"Resource not found: {arn}", type_=None, extra=extra)


def _where(resource_id: str) -> str:
    return f"service namespace: {NAMESPACE}, resource ID: {resource_id}, scalable dimension: {DIMENSION}"


def _not_found(message: str) -> ApiError:
    return ApiError(400, "ObjectNotFoundException", message, type_=None)

"""The first gate of every call: the request's shape, judged by botocore's own model of the service.

In goes an operation and its parameters; out comes every violation in AWS's words, `Value 'V' at 'path' failed to
satisfy constraint: …`. The rules (required, enum, length, range, pattern) are the model's; nothing is written per
operation. A scalar breaks one constraint at a time; lists and maps of scalars name all constraints of their members
together (recorded for weights, subnets and architectures). The text of sensitive values is left out.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from reconciler.sandbox.control_plane.errors import ApiError

# Lambda judges these by a rule of its own, with another code: see functions.py.
_JUDGED_ELSEWHERE = frozenset({"Runtime"})
# AWS names the values of an enumeration in an order of its own, not always botocore's (recorded).
_ORDERS = {"EventSourcePosition": ["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"]}
_NOT_NULL = "Member must not be null"
# Java's names of character classes, which Python has no word for: letters, separators, numbers.
_JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{Z}": r"\s",
    r"\p{N}": r"\d",
    r"\p{Print}": r"[ -~]",
    r"\p{ASCII}": r"[\x00-\x7f]",
    r"\uD800\uDC00-\uDBFF\uDFFF": "\U00010000-\U0010ffff",  # pairs of surrogates
}
LAMBDA = "lambda"

Check = Callable[[object, str], Iterator[str]]


@dataclass(frozen=True, slots=True)
class _Constraint:
    words: str
    holds: Callable[[object], bool]


@cache
def service_model(service: str = LAMBDA) -> ServiceModel:
    document = Loader().load_service_model(service, "service-2")
    if service != LAMBDA:  # Application Auto Scaling names the values of an enumeration in order (recorded)
        for shape in document["shapes"].values():
            shape.get("enum", []).sort()
    return ServiceModel(document, service)


def violations(operation: str, params: Mapping[str, object], service: str = LAMBDA) -> tuple[str, ...]:
    """Everything wrong with the shape of a request, in the order of the model's members."""
    return tuple(_input_check(operation, service)(params, ""))


@cache
def members(operation: str) -> frozenset[str]:
    """The names of a request's members."""
    shape = service_model().operation_model(operation).input_shape
    return frozenset() if shape is None else frozenset(shape.members)


@cache
def enumeration(shape: str) -> frozenset[str]:
    """The values that the model knows of an enumeration."""
    return frozenset(getattr(service_model().shape_for(shape), "enum", ()))


@cache
def success_status(operation: str) -> int:
    """The HTTP status of an answer that is no error."""
    return int(service_model().operation_model(operation).http["responseCode"])


@cache
def _input_check(operation: str, service: str) -> Check:
    shape = service_model(service).operation_model(operation).input_shape
    return _accept if shape is None else _check(shape)


def _accept(_value: object, _path: str) -> Iterator[str]:
    return iter(())


def _check(shape: Shape) -> Check:
    if isinstance(shape, StructureShape):
        return _structure(shape)
    if isinstance(shape, ListShape):
        return _list(shape)
    if isinstance(shape, MapShape):
        return _map(shape)
    return _scalar(shape)


def _structure(shape: StructureShape) -> Check:
    members = tuple(
        (name, name[0].lower() + name[1:], name in shape.required_members, _check(member))
        for name, member in shape.members.items()
    )

    def check(value: object, path: str) -> Iterator[str]:
        fields = _mapping(value)
        for name, spelled, required, inner in members:
            where = f"{path}.{spelled}" if path else spelled
            member = fields.get(name)
            if member is not None:
                yield from inner(member, where)
            elif required:
                yield f"Value null at '{where}' failed to satisfy constraint: {_NOT_NULL}"

    return check


def _scalar(shape: Shape) -> Check:
    constraints = _constraints(shape)
    render = _renderer(shape)

    def check(value: object, path: str) -> Iterator[str]:
        typed = _typed(shape, value)
        for constraint in constraints:
            if not constraint.holds(typed):
                yield f"{_value(shape, render(typed))} at '{path}' failed to satisfy constraint: {constraint.words}"

    return check


def _list(shape: ListShape) -> Check:
    own = _length(shape)
    inner = shape.member
    nested = _check(inner) if isinstance(inner, (StructureShape, ListShape, MapShape)) else None
    members = _constraints(inner)
    render = _renderer(inner)

    def check(value: object, path: str) -> Iterator[str]:
        items = [_typed(inner, item) for item in _sequence(value)]
        shown = _value(inner, f"[{', '.join(render(item) for item in items)}]")
        for constraint in own:
            if not constraint.holds(items):
                yield f"{shown} at '{path}' failed to satisfy constraint: {constraint.words}"
        if nested is not None:
            for position, item in enumerate(items, start=1):
                yield from nested(item, f"{path}.{position}.member")
        elif not all(constraint.holds(item) for item in items for constraint in members):
            words = _together(inner, members)
            yield f"{shown} at '{path}' failed to satisfy constraint: Member must satisfy constraint: {words}"

    return check


def _map(shape: MapShape) -> Check:
    key, value_shape = shape.key, shape.value
    keys, values = _constraints(key), _constraints(value_shape)
    render = _renderer(value_shape)

    def check(value: object, path: str) -> Iterator[str]:
        items = {name: _typed(value_shape, item) for name, item in _mapping(value).items()}
        text = "{" + ", ".join(f"{name}={render(item)}" for name, item in items.items()) + "}"
        failed = f"{_value(key, text)} at '{path}' failed to satisfy constraint:"
        if not all(constraint.holds(name) for name in items for constraint in keys):
            yield f"{failed} Map keys must satisfy constraint: {_together(key, keys, null_allowed=True)}"
        if not all(constraint.holds(item) for item in items.values() for constraint in values):
            yield f"{failed} Map value must satisfy constraint: {_together(value_shape, values)}"

    return check


def _constraints(shape: Shape) -> tuple[_Constraint, ...]:
    if shape.name in _JUDGED_ELSEWHERE:
        return ()
    if shape.type_name in {"integer", "long", "float", "double"}:
        return _range(shape)
    if shape.type_name != "string":
        return ()
    allowed = _ORDERS.get(shape.name, getattr(shape, "enum", []))
    if allowed:
        return (_Constraint(f"Member must satisfy enum value set: [{', '.join(allowed)}]", allowed.__contains__),)
    pattern = shape.metadata.get("pattern")
    return _length(shape) if pattern is None else (*_length(shape), _pattern(pattern))


def _pattern(pattern: str) -> _Constraint:
    translated = pattern
    for java, python in _JAVA_CLASSES.items():
        translated = translated.replace(java, python)
    expression = re.compile(translated)
    return _Constraint(
        f"Member must satisfy regular expression pattern: {pattern}",
        lambda value: expression.fullmatch(str(value)) is not None,
    )


def _length(shape: Shape) -> tuple[_Constraint, ...]:
    maximum, minimum = shape.metadata.get("max"), shape.metadata.get("min")
    found = []
    if maximum is not None:
        words = f"Member must have length less than or equal to {maximum}"
        found.append(_Constraint(words, lambda value: len(_sequence(value)) <= maximum))
    if minimum is not None:
        words = f"Member must have length greater than or equal to {minimum}"
        found.append(_Constraint(words, lambda value: len(_sequence(value)) >= minimum))
    return tuple(found)


def _range(shape: Shape) -> tuple[_Constraint, ...]:
    maximum, minimum = shape.metadata.get("max"), shape.metadata.get("min")
    render = _renderer(shape)
    found = []
    if maximum is not None:
        words = f"Member must have value less than or equal to {render(maximum)}"
        found.append(_Constraint(words, lambda value: _number(value) <= maximum))
    if minimum is not None:
        words = f"Member must have value greater than or equal to {render(minimum)}"
        found.append(_Constraint(words, lambda value: _number(value) >= minimum))
    return tuple(found)


def _together(shape: Shape, constraints: Sequence[_Constraint], *, null_allowed: bool = False) -> str:
    """All constraints of a list's or map's members. Recorded: enums and numbers add "not null", patterns do not."""
    text = shape.type_name == "string" and not getattr(shape, "enum", [])
    tail = () if null_allowed or text else (_NOT_NULL,)
    return f"[{', '.join((*(constraint.words for constraint in constraints), *tail))}]"


def _renderer(shape: Shape) -> Callable[[object], str]:
    return (lambda value: str(float(_number(value)))) if shape.type_name in {"float", "double"} else str


def _value(shape: Shape, text: str) -> str:
    return "Value" if shape.metadata.get("sensitive") else f"Value '{text}'"


def _number(value: object) -> float:
    return value if isinstance(value, (int, float)) else 0.0


_PYTHON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
}


def _typed(shape: Shape, value: object) -> object:
    """The value, if JSON gave it the type that the model asks for."""
    expected = _PYTHON_TYPES.get(shape.type_name)
    if expected is None or isinstance(value, expected):
        return value
    raise _unreadable(shape.type_name)


def _mapping(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    raise _unreadable("structure")


def _sequence(value: object) -> Sequence[object]:
    if isinstance(value, Sequence):
        return value
    raise _unreadable("list")


def _unreadable(kind: str) -> ApiError:
    return ApiError(400, "SerializationException", f"A value can not be converted to {kind}")

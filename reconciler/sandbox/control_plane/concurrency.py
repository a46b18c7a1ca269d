"""The arithmetic of concurrency: a function's reservation, and what the account and region have left.

Of a function with a reservation, PC comes out of the reservation: Σ PC <= reserved (recorded, equality allowed). PC of
the others comes out of the account: limit - Σ reserved - Σ PC of functions without one, of which AWS keeps a minimum
unreserved. A change that takes nothing more is never refused for the account's sake.
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.sandbox.control_plane.errors import invalid
from reconciler.sandbox.control_plane.names import LATEST
from reconciler.sandbox.control_plane.state import Function
from reconciler.sandbox.control_plane.world import Body, Call, Rule, World


def put_function_concurrency(call: Call) -> Body:
    if call.qualifier is not None:
        raise invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. "
            "Please specify either a function name or an unqualified function ARN."
        )
    function, wanted = call.function(LATEST), call.number("ReservedConcurrentExecutions") or 0
    provisioned = provisioned_total(call.world, function)
    if wanted < provisioned:  # the spaces are AWS's (recorded)
        raise invalid(
            f" ReservedConcurrentExecutions  {wanted} should not be lower than function's "
            f"total provisioned concurrency [{provisioned}].",
            type_=None,
        )
    left = unreserved(call.world) + _taken(call.world, function) - wanted
    if wanted > _taken(call.world, function) and left < call.world.minimum_unreserved:
        raise invalid(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{call.world.minimum_unreserved}].",
            type_=None,
        )
    call.world.put(replace(function, reserved=wanted))
    return {"ReservedConcurrentExecutions": wanted}


def get_function_concurrency(call: Call) -> Body:
    reserved = call.function().reserved
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


def delete_function_concurrency(call: Call) -> Body:
    call.world.put(replace(call.function(), reserved=None))
    return None


def provisioned_total(world: World, function: Function) -> int:
    """PC of all its qualifiers; with `move_counts_twice` the environments that an alias is leaving as well."""
    if not function.provisioned:
        return 0
    total = sum(config.requested for config in function.provisioned.values())
    if not world.behaviour.move_counts_twice:
        return total
    return total + sum(
        function.provisioned[alias.name].held
        for alias in function.aliases.values()
        if alias.transition is not None and alias.name in function.provisioned
    )


def _taken(world: World, function: Function) -> int:
    """What one function takes from the account."""
    return provisioned_total(world, function) if function.reserved is None else function.reserved


def unreserved(world: World) -> int:
    """What no function has taken."""
    return world.concurrency_limit - sum(_taken(world, function) for function in world.all())


def refuse_beyond_reserved(world: World, function: Function, qualifier: str, number: int) -> None:
    before = function.provisioned.get(qualifier)
    others = provisioned_total(world, function) - (0 if before is None else before.requested)
    if function.reserved is not None and others + number > function.reserved:
        raise invalid(
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
        )


def refuse_beyond_account(world: World, function: Function, qualifier: str, number: int) -> None:
    before = function.provisioned.get(qualifier)
    old = 0 if before is None else before.requested
    if function.reserved is not None or number <= old:
        return
    left = unreserved(world) + old
    if number > left:
        raise invalid(
            f"Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{left}].",
            type_=None,
        )
    if left - number < world.minimum_unreserved:
        raise invalid(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its "
            f"minimum value of [{world.minimum_unreserved}].",
            type_=None,
        )


def get_account_settings(call: Call) -> Body:
    world = call.world
    functions = tuple(world.all())
    shown = unreserved(world)
    if not world.behaviour.unreserved_subtracts_provisioned:
        shown = world.concurrency_limit - sum(function.reserved or 0 for function in functions)
    return {
        "AccountLimit": {  # the defaults of a new account, in bytes (AWS's "Lambda quotas")
            "TotalCodeSize": 80530636800,
            "CodeSizeUnzipped": 262144000,
            "CodeSizeZipped": 52428800,
            "ConcurrentExecutions": world.concurrency_limit,
            "UnreservedConcurrentExecutions": shown,
        },
        "AccountUsage": {
            "TotalCodeSize": sum(_code_size(function) for function in functions),
            "FunctionCount": len(functions),
        },
    }


def _code_size(function: Function) -> int:
    sizes = (version.settings.get("CodeSize") for version in function.versions.values())
    return sum(size for size in sizes if isinstance(size, int))


RULES: Mapping[str, Rule] = {
    "PutFunctionConcurrency": put_function_concurrency,
    "GetFunctionConcurrency": get_function_concurrency,
    "DeleteFunctionConcurrency": delete_function_concurrency,
    "GetAccountSettings": get_account_settings,
}

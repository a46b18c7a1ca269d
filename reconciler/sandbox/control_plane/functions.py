"""Functions: create, read, update, delete, list.

An update leaves `$LATEST` InProgress for `timing.update` seconds, with a new RevisionId at once and another when it
settles (recorded). Reading by alias answers the version behind it, under an ARN that ends in the alias (recorded).
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.sandbox.control_plane import names, settings
from reconciler.sandbox.control_plane.answers import describe, listed
from reconciler.sandbox.control_plane.errors import conflict, function_not_found, invalid, stale
from reconciler.sandbox.control_plane.names import LATEST
from reconciler.sandbox.control_plane.state import (
    ACTIVE,
    CREATING,
    UPDATING,
    Alias,
    Function,
    Version,
    next_revision,
    with_alias,
    with_version,
    without,
    without_qualifier,
)
from reconciler.sandbox.control_plane.tags import given_tags
from reconciler.sandbox.control_plane.versions import added, published_by_update, refuse_while_busy
from reconciler.sandbox.control_plane.world import Body, Call, Rule, World, mapping, page


def born(world: World, name: str, given: settings.Settings, *, code: Mapping[str, object], pending: bool) -> Function:
    """A function that has `$LATEST` and no version; `pending`: as CreateFunction leaves it."""
    world.created += 1
    now = world.clock()
    blank = Function(name=name, seed=f"{world.account}/{world.region}/{name}/{world.created}", versions={})
    function, revision = next_revision(blank)
    latest = Version(
        number=LATEST,
        settings=given,
        code=settings.source(code),
        revision=revision,
        modified=now,
        status=CREATING if pending else ACTIVE,
        settles_at=now + world.timing.update if pending else None,
    )
    return with_version(function, latest)


def create_function(call: Call) -> Body:
    if len(call.name) > 64:  # recorded: with this code, and of all names only a new one
        raise invalid(
            f"1 validation error detected: Value '{call.name}' at 'functionName' failed to satisfy constraint: "
            "Member must have length less than or equal to 64"
        )
    if call.world.find(call.name) is not None:
        raise conflict(f"Function already exist: {call.name}")
    code = mapping(call.params.get("Code"))
    base = {**settings.defaults(call.name), **settings.package(code, call.world.fetch)}
    given = settings.configured(base, call.params, call.world.region)
    if given["PackageType"] == "Zip" and not {"Runtime", "Handler"} <= given.keys():  # the words: public issues
        raise invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
    tags = given_tags(call)
    function = born(call.world, call.name, given, code=code, pending=True)
    function = replace(function, tags=tags)
    answered = function.latest
    if call.flag("Publish"):  # recorded: the number of the version, under the ARN of the function
        function, version = added(call, function, status=CREATING, settles_at=function.latest.settles_at)
        answered = replace(answered, number=version.number)
    function = call.world.put(function)
    return describe(call.world, function, answered, None)


def read(call: Call) -> tuple[Function, Version]:
    """The version that the qualifier leads to; without one, `$LATEST`."""
    function = call.function(call.qualifier)
    version = function.target(call.qualifier or LATEST)
    if version is None:
        raise function_not_found(call.arn(call.qualifier))
    return function, version


def get_function(call: Call) -> Body:
    function, version = read(call)
    body: dict[str, object] = {
        "Configuration": describe(call.world, function, version, call.qualifier),
        "Code": _code(call, version),
    }
    if function.tags:
        body["Tags"] = dict(function.tags)
    if function.reserved is not None and call.qualifier is None:
        body["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved}
    return body


def _code(call: Call, version: Version) -> dict[str, object]:
    """Where the package is. The signed address of a zip file leads nowhere here."""
    if version.settings["PackageType"] == "Image":
        return dict(version.code)
    location = f"https://sandbox.invalid/snapshots/{call.world.account}/{call.name}?X-Amz-Signature=none"
    return {**version.code, "Location": location}


def get_function_configuration(call: Call) -> Body:
    function, version = read(call)
    return describe(call.world, function, version, call.qualifier)


def update_function_configuration(call: Call) -> Body:
    function = _updatable(call)
    latest = function.latest
    after = settings.configured(latest.settings, call.params, call.world.region)
    function = _updated(call, function, after, latest.code)
    return describe(call.world, function, function.latest, None)


def update_function_code(call: Call) -> Body:
    function = _updatable(call)
    before = function.latest.settings
    _same_package_type(call, before)
    after = settings.configured(
        {**before, **settings.package(call.params, call.world.fetch)}, call.params, call.world.region
    )
    if call.flag("DryRun"):
        return describe(call.world, function, replace(function.latest, settings=after), None)
    function = _updated(call, function, after, settings.source(call.params))
    if not call.flag("Publish"):
        return describe(call.world, function, function.latest, None)
    function, version = published_by_update(call, function)
    function = call.world.put(function)
    return describe(call.world, function, version, version.number)


def _same_package_type(call: Call, before: Mapping[str, object]) -> None:
    """A function stays a zip file or an image (recorded)."""
    image = call.text("ImageUri") is not None
    if before["PackageType"] == "Image" and not image:
        raise invalid("Please provide ImageUri when updating a function with packageType Image.")
    if before["PackageType"] == "Zip" and image:
        raise invalid("Please don't provide ImageUri when updating a function with packageType Zip.")


def _updatable(call: Call) -> Function:
    function = call.function()
    revision = call.text("RevisionId")
    if revision not in (None, function.latest.revision):
        raise stale("GetFunction/GetAlias")
    refuse_while_busy(call, function)
    return function


def _updated(call: Call, function: Function, given: Mapping[str, object], code: Mapping[str, object]) -> Function:
    function, revision = next_revision(function)
    latest = replace(
        function.latest,
        settings=given,
        code=code,
        revision=revision,
        modified=call.now,
        status=UPDATING,
        settles_at=call.now + call.world.timing.update,
    )
    return call.world.put(replace(with_version(function, latest), touched_since_publish=True))


def delete_function(call: Call) -> Body:
    """The whole function; with a version number that version alone, and nothing when there is none (recorded).

    What can never be deleted is refused before anybody looks whether the function exists (recorded).
    """
    qualifier = call.qualifier
    if qualifier == LATEST:
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    if qualifier is not None and names.is_alias(qualifier):
        raise invalid("Deletion of aliases is not currently supported.")
    function = call.function()
    if qualifier is None:
        del call.world.functions[function.name]
    elif qualifier in function.versions:
        call.world.put(_without_version(call, function, qualifier))
    return None


def _without_version(call: Call, function: Function, number: str) -> Function:
    behaviour = call.world.behaviour
    weighted = [alias.name for alias in function.aliases.values() if number in _weights(alias)]
    pointing = [alias.name for alias in function.aliases.values() if number == alias.version]
    references = sorted(pointing if behaviour.weighted_version_deletable else {*pointing, *weighted})
    if references:  # the words: public issues of tools that clean up versions
        raise conflict(
            f"Unable to delete version because the following aliases reference it: [{', '.join(references)}]"
        )
    if number in function.provisioned and not behaviour.provisioned_version_deletable:
        raise conflict("Unable to delete version because it has a Provisioned Concurrency configuration")
    mapped = any(each.function_arn == call.arn(number) for each in call.world.all_mappings())
    if mapped and not behaviour.mapped_version_deletable:
        raise conflict("Unable to delete version because an event source mapping references it")
    for name in weighted:
        function = with_alias(function, replace(function.aliases[name], weights={}, transition=None))
    return replace(without_qualifier(function, number), versions=without(function.versions, number))


def _weights(alias: Alias) -> tuple[str, ...]:
    """The versions besides its own that get calls of the alias, or may in a moment."""
    return (*alias.weights, *(() if alias.transition is None else (alias.transition.source,)))


def list_functions(call: Call) -> Body:
    world = call.world
    functions = sorted(world.all(), key=lambda function: function.name)
    if call.text("FunctionVersion") != "ALL":
        return page(call, "Functions", [listed(world, each, each.latest, None) for each in functions])
    everything = [
        listed(world, each, version, version.number) for each in functions for version in each.versions.values()
    ]
    return page(call, "Functions", everything)


RULES: Mapping[str, Rule] = {
    "CreateFunction": create_function,
    "GetFunction": get_function,
    "GetFunctionConfiguration": get_function_configuration,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
    "DeleteFunction": delete_function,
    "ListFunctions": list_functions,
}

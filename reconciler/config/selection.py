"""`--group`, `--only` and `--exclude` -> the ions they leave, in the order of the file.

Several of one option add up; the options narrow each other. Globs are case-sensitive and match a function's whole
name, or `function:alias`. What matches nothing in the file is a mistake, and so is what leaves nothing.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from reconciler.config.problems import nearest, shown
from reconciler.model.desired import Config, Desired
from reconciler.model.errors import UsageError


def select(
    config: Config, *, groups: Sequence[str], only: Sequence[str], exclude: Sequence[str], named: str = "--only"
) -> tuple[Desired, ...]:
    """The ions that a command is to work on; raises UsageError with near names. `named`: what gave `only`."""
    _check_groups(config, groups)
    wanted = _matched(config, only, named)
    unwanted = _matched(config, exclude, "--exclude")
    chosen = tuple(
        ion
        for index, ion in enumerate(config.desired)
        if (not groups or ion.group in groups) and (not only or index in wanted) and index not in unwanted
    )
    if not chosen:
        raise UsageError("no ion is left by --group, --only and --exclude together", where=config.source)
    return chosen


def _check_groups(config: Config, groups: Sequence[str]) -> None:
    known = tuple(dict.fromkeys(ion.group for ion in config.desired if ion.group is not None))
    for name in groups:
        if name not in known:
            near = nearest(name, known, count=3)
            hint = f"did you mean {' or '.join(near)}?" if near else _listed("groups with ions", known)
            raise UsageError(
                f"--group {shown(name) or repr(name)} matches no group that has ions", where=config.source, hint=hint
            )


def _matched(config: Config, globs: Sequence[str], option: str) -> frozenset[int]:
    """Where in the file the ions stand that any of the globs matches."""
    found: set[int] = set()
    for glob in globs:
        hits = {index for index, ion in enumerate(config.desired) if _matches(ion, glob)}
        if not hits:
            raise UsageError(
                f"{option} {shown(glob) or repr(glob)} matches no ion", where=config.source, hint=_near(config, glob)
            )
        found |= hits
    return frozenset(found)


def _matches(ion: Desired, glob: str) -> bool:
    return fnmatchcase(ion.function, glob) or fnmatchcase(f"{ion.function}:{ion.alias}", glob)


def _near(config: Config, glob: str) -> str:
    """Names that are spelled alike, or that the glob would match as a part."""
    names = dict.fromkeys(f"{ion.function}:{ion.alias}" if ":" in glob else ion.function for ion in config.desired)
    bare = glob.strip("*").casefold()
    parts = [name for name in names if bare and bare in name.casefold()][:3]
    near = parts or nearest(glob, names, count=3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return "a glob matches the whole name, function or function:alias, like 'inventory-prod-*' or '*:live'"


def _listed(what: str, names: Sequence[str]) -> str:
    if not names:
        return "the file has no groups; leave --group out"
    return f"{what}: {', '.join(names[:10])}{', …' if len(names) > 10 else ''}"

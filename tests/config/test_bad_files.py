"""Every file in `bad/` has its whole output beside it: all problems, their places and their words."""

from pathlib import Path

import pytest

from reconciler.config import parse
from reconciler.model.errors import ConfigError

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
MIB = 1024 * 1024


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_every_problem_of_a_bad_file_is_told_with_its_place(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(file.read_bytes(), source="warm.yaml")
    assert f"{caught.value}\n" == file.with_suffix(".txt").read_text()


def test_every_expected_text_has_its_file() -> None:
    assert sorted(file.stem for file in BAD) == sorted(text.stem for text in BAD[0].parent.glob("*.txt"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"version: 1\nions: {\xe9: }\n", "w:2:8: not UTF-8 from here on; save the file as UTF-8"),
        ("version: 1\n".encode("utf-16"), "w:1:1: not UTF-8 from here on; save the file as UTF-8"),
        (b"version: 1\n# \xc3\xa9 \x00\n", "w:2:5: a control character (U+0000), which YAML forbids"),
        (b"\xef\xbb\xbfversion:\x1b 1\n", "w:1:9: a control character (U+001B), which YAML forbids"),
        (b"a: \xef\xbb\xbfb\n", "w:1:4: a control character (U+FEFF), which YAML forbids"),
        (b"\xef\xbb\xbf---\n\x00", "w:2:1: a control character (U+0000), which YAML forbids"),
        (b"#" * (5 * MIB + 1), "w:1:1: larger than 5 MiB; split the file, or share ions by an anchor"),
        (b"a: " + b"[" * 200_000, "w:1:66: nested deeper than 64 levels"),
        (b"? " * 200_000, "w:1:127: nested deeper than 64 levels"),
    ],
)
def test_bytes_that_are_no_yaml_are_refused_where_they_stand(text: bytes, expected: str) -> None:
    assert _problems(text) == [expected]


def test_a_file_of_just_5_mib_is_read() -> None:
    text = b"version: 1\nions: {f: {alias: live}}\n#"
    assert len(parse(text.ljust(5 * MIB, b"x"), source="w").desired) == 1


BOUND = "more than 200,000 ions and merged keys, with all aliases expanded; reading ends here"


def _many(each: str, count: int) -> str:
    return "".join(each.format(number) for number in range(count))


def test_ions_multiplied_by_aliases_end_at_the_bound_with_one_problem() -> None:
    groups = _many("  g{0}: {{ions: *all}}\n", 1000)
    text = f"version: 1\ndefaults: {{alias: live}}\ngroups:\n  g: {{ions: &all {{{_many('i{0}, ', 1000)}}}}}\n{groups}"
    assert _problems(text.encode()) == [f"w:204:9: {BOUND}"]


def test_keys_multiplied_by_merges_end_at_the_bound_with_one_problem() -> None:
    merges = _many("  g{0}: {{ions: {{<<: *all}}}}\n", 1000)
    text = f"version: 1\ndefaults: {{alias: live}}\ngroups:\n  g: {{ions: &all {{{_many('i{0}, ', 1000)}}}}}\n{merges}"
    assert _problems(text.encode()) == [f"w:4:13: {BOUND}"]


def test_merges_that_double_at_each_level_are_followed_once_each() -> None:
    levels = "".join(f"  a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 60))
    config = parse(f"version: 1\nions:\n  a0: &a0 {{alias: live}}\n{levels}".encode(), source="w")
    assert {one.alias for one in config.desired} == {"live"}


def test_merges_nested_deeper_than_the_stack_are_a_problem() -> None:
    chain = "".join(f"  a{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, 3000))
    text = f"version: 1\nlimits:\n  a0: &a0 {{alias: live}}\n{chain}ions: {{f: *a2999}}\n"
    assert any("merges nested deeper than 32 levels" in problem for problem in _problems(text.encode()))


def test_a_file_with_endless_problems_is_read_to_a_bound() -> None:
    problems = _problems(b"version: 1\nions:\n" + b"  f: {alias: live}\n" * 20_000)
    assert len(problems) == 10_001
    assert problems[-1].endswith("10,000 problems; reading ends here")


def test_control_characters_and_endless_text_are_not_printed() -> None:
    (problem,) = _problems(b'version: 1\nions: {f: {alias: live, "a\\e[31m' + b"x" * 500 + b'": 1}}\n')
    assert problem.startswith(r"w:2:25: ions.f.a\x1b[31m" + "x" * 70 + "…: unknown key; known here: alias, ")


def _problems(text: bytes) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, source="w")
    return [str(problem) for problem in caught.value.problems]

"""Reads rules/links.yaml: which identities a client's conventions tie to which criteria."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from msgspec import Struct

from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked, Problems, read
from nhiscan.matrix.model import LinkRule
from nhiscan.records import ActionClass, Class, Kind

# What a rule may rest on, and the key of `match` without which it would rest on nothing such.
# An observed operation is seen, never stated; an id is explicit only if it is whole.
NEEDED = {
    "explicit": "native_id",
    "tag": "tag",
    "dedicated": "account",
    "role": "role",
    "action_class": "action_class",
    "name": "name",
    "repository": "tag",
}
_CLOSED = {"kind": Kind, "action_class": ActionClass, "class": Class}
_GLOB = frozenset("*?[")


class _Root(Struct):
    rules: list[Any] = []


def read_rules(
    file: Path, problems: Problems, criteria: set[str], tenants: set[str]
) -> Iterator[LinkRule]:
    """Yield the rules that are right; no file is no rule. What is wrong is noted in `problems`."""
    marked = read(file, problems) if file.exists() else None
    if marked is None:
        return
    checker = Checker(file, problems, file.parent)
    checker.refuse_secrets(marked)
    checker.struct(marked, _Root, "")
    listed = marked.value.get("rules") if isinstance(marked.value, dict) else None
    items = listed.value if listed is not None and isinstance(listed.value, list) else []
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        path = f"rules[{index}]"
        before = len(problems.lines)
        one = checker.build(item, LinkRule, path)
        _check_criteria(checker, item, path, criteria)
        if one is None:
            continue
        _check(checker, item, one, path, tenants)
        if one.id in first:
            problem = f'"{one.id}" is the rule at line {first[one.id]}'
            checker.note(item.value["id"], f"{path}.id", problem)
        first.setdefault(one.id, item.line)
        if len(problems.lines) == before:
            yield one


def _check_criteria(checker: Checker, marked: Marked, path: str, criteria: set[str]) -> None:
    listed = marked.value.get("criteria") if isinstance(marked.value, dict) else None
    if listed is None or not isinstance(listed.value, list):
        return  # told already
    for index, item in enumerate(listed.value):
        _known(checker, item, f"{path}.criteria[{index}]", criteria, "criterion")
    if not listed.value:
        checker.note(listed, f"{path}.criteria", "give at least one criterion")


def _check(checker: Checker, marked: Marked, one: LinkRule, path: str, tenants: set[str]) -> None:
    match = marked.value["match"]
    for key, closed in _CLOSED.items():
        if key in match.value:
            _known(checker, match.value[key], f"{path}.match.{key}", set(get_args(closed)), key)
    if "tenant" in match.value:
        _known(checker, match.value["tenant"], f"{path}.match.tenant", tenants, "tenant")
    if not match.value:
        checker.note(match, f"{path}.match", "it matches everything; give at least one key")
    if "tag" in match.value and not all(str(match.value["tag"].value).partition("=")[::2]):
        checker.note(match.value["tag"], f"{path}.match.tag", "write key=value; * is any value")
    _basis(checker, marked, one, path)


def _basis(checker: Checker, marked: Marked, one: LinkRule, path: str) -> None:
    needed = NEEDED[one.basis]
    where = marked.value["basis"]
    if needed not in marked.value["match"].value:
        problem = f'basis "{one.basis}" rests on match.{needed}, which is not given'
        checker.note(where, f"{path}.basis", problem)
    elif one.basis == "explicit" and _GLOB & set(one.match.native_id or ""):
        checker.note(where, f"{path}.basis", "a pattern is not explicit; name one native id")


def _known(checker: Checker, marked: Marked, path: str, known: set[str], noun: str) -> None:
    if isinstance(marked.value, str) and marked.value not in known:
        near = get_close_matches(str(marked.value), sorted(known), n=1)
        then = f'; did you mean "{near[0]}"?' if near else ""
        checker.note(marked, path, f'no {noun} "{marked.value}"{then}')

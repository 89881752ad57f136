"""Brings the files of a matrix into their canonical form, comments and all."""

from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from nhiscan.config.marked import Problems, read
from nhiscan.matrix.canonical import render
from nhiscan.matrix.comments import tree
from nhiscan.matrix.files import matrix_files
from nhiscan.matrix.tree import UnwritableError


def formatted(folder: Path, problems: Problems) -> dict[Path, str]:
    """Return the canonical text of each file of the matrix that differs from it.

    What cannot be written anew is noted in `problems`.
    """
    changed = {}
    for file, kind in matrix_files(folder):
        text = canonical(file, kind, problems)
        if text is not None and text.encode() != file.read_bytes():
            changed[file] = text
    return changed


def canonical(file: Path, kind: type[Struct], problems: Problems) -> str | None:
    """Return the canonical text of a file; None, with problems noted, if there is none."""
    before = len(problems.lines)
    marked = read(file, problems)
    if marked is None or len(problems.lines) > before:
        return None
    if not isinstance(marked.value, dict):
        problems.add(file, marked.line, "", "expected keys and values")
        return None
    try:
        text = render(tree(file.read_text("utf-8-sig")), kind)
    except UnwritableError as error:
        problems.add(file, error.line, "", f"it has no canonical form: {error}")
        return None
    if not says(text, marked.plain()):
        problems.add(file, 1, "", "it has no canonical form that says the same: it is left alone")
        return None
    return text


def says(text: str, plain: Any) -> bool:
    """Say whether YAML means these values: a formatter that errs must not reach the file."""
    import yaml

    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        found = yaml.load(text, Loader=loader)  # noqa: S506 - both are safe ones
        return bool(_meaning(found) == _meaning(plain))
    except (yaml.YAMLError, ValueError):
        return False


def _meaning(value: Any) -> Any:
    """Reduce values to what they say: a day is its text, and what is empty is not said."""
    if isinstance(value, dict):
        items = {str(key): _meaning(item) for key, item in value.items()}
        return {key: item for key, item in items.items() if item not in (None, [], {}, False)}
    if isinstance(value, list):
        return [_meaning(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value

"""Opens one file of a matrix for its reader, with what readers ask of every file."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked, Problems, read


def opened(file: Path, problems: Problems) -> tuple[Checker, Marked] | None:
    """Read a file and refuse secrets in it; None, with problems noted, where that fails."""
    marked = read(file, problems)
    if marked is None:
        return None
    checker = Checker(file, problems, file.parent)
    checker.refuse_secrets(marked)
    return checker, marked


def items(marked: Marked, key: str) -> list[Marked]:
    """List the values under a key; none where it is missing or no list."""
    listed = marked.value.get(key) if isinstance(marked.value, dict) else None
    return listed.value if listed is not None and isinstance(listed.value, list) else []


def nearest(value: object, known: Iterable[str]) -> str:
    """Return `; did you mean …?`, or nothing where no name is near."""
    near = get_close_matches(str(value), sorted(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def expect(checker: Checker, marked: Marked, path: str, known: Iterable[str], noun: str) -> None:
    """Note a name that is none of `known`; what is no text is told as such elsewhere."""
    if isinstance(marked.value, str) and marked.value not in known:
        checker.note(marked, path, f'no {noun} "{marked.value}"{nearest(marked.value, known)}')

r"""Text as cells of a CSV file that spreadsheets do not run, and back without loss.

`\` escapes: `\\` itself, `\;` and `\:` what separates, `\e` an empty text, `\-` nobody, `\u000d`
and `\U0001f600` a character. A cell that a spreadsheet would run has a `'` before it; reading takes
one away where it stands before such a cell, and nowhere else.
"""

import re

from nhiscan.text import is_unsafe

EMPTY = r"\e"
NOBODY = r"\-"
# What makes a spreadsheet read a cell as a formula (OWASP, CSV Injection), full-width forms too.
_RISKY = re.compile("'*[=+\\-@＝＋－＠]")  # noqa: RUF001 - the full-width forms are meant
_GUARDED = re.compile("'+[=+\\-@＝＋－＠]")  # noqa: RUF001
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\\;:])")
_PART = re.compile(r"(?:[^\\;]|\\.)*", re.DOTALL)


class CellError(ValueError):
    """A cell that says nothing that can be read."""


def guarded(cell: str) -> str:
    """Put a `'` before what a spreadsheet would run."""
    return "'" + cell if _RISKY.match(cell) else cell


def unguarded(cell: str) -> str:
    """Take that `'` away, and the space around a cell."""
    cell = cell.strip()
    return cell[1:] if _GUARDED.match(cell) else cell


def encode(text: str, separators: str = "") -> str:
    """Write one text, with an escape before each of `separators`."""
    if not text:
        return EMPTY
    last = len(text) - 1
    return "".join(_encoded(c, separators, end=i in (0, last)) for i, c in enumerate(text))


def decode(raw: str) -> str | None:
    """Read one text; null for a blank one. CellError for an escape that is none."""
    raw = raw.strip()
    if not raw:
        return None
    if raw == EMPTY:
        return ""
    rest = _ESCAPE.sub("", raw)
    if "\\" in rest:
        at = rest.index("\\")
        raise CellError(f"{rest[at : at + 2]!r} is no escape; write \\\\ for a backslash")
    return _ESCAPE.sub(_decoded, raw)


def parts(cell: str) -> list[str]:
    """Split a cell at `;`; its parts are still to be decoded. A blank cell has none."""
    if not cell.strip():
        return []
    found, at = [], 0
    while True:
        part = _PART.match(cell, at)
        at = part.end() if part else at
        found.append(part[0].strip() if part else "")
        if at >= len(cell):
            return found
        if cell[at] == "\\":
            raise CellError("a backslash at the end; write \\\\ for a backslash")
        at += 1


def cut(raw: str) -> tuple[str, str]:
    """Split a part at its first `:` that has no escape before it."""
    found = re.match(r"((?:[^\\:]|\\.)*):(.*)", raw, re.DOTALL)
    if found is None:
        raise CellError(f"{raw!r} is not framework:id")
    return found[1], found[2]


def _encoded(character: str, separators: str, *, end: bool) -> str:
    if character == "\\" or character in separators:
        return "\\" + character
    if (is_unsafe(character) and character != "\n") or (end and character.isspace()):
        code = ord(character)
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return character


def _decoded(match: re.Match[str]) -> str:
    if match[1][0] not in "uU" or len(match[1]) == 1:
        return match[1]
    code = int(match[1][1:], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise CellError(f"{match[0]!r} is no character")
    return chr(code)

"""Text as canonical YAML: plain where every reader takes it for text, else in double quotes."""

import json
import re
from functools import cache

from nhiscan.text import is_unsafe

# What some reader of YAML 1.1 or 1.2 takes for another thing than text.
_OTHER = re.compile(
    r"(?i)[-+]?(0x[0-9a-f_]+|0o?[0-7_]+|[0-9][0-9_]*(\.[0-9_]*)?(e[-+]?[0-9]+)?|\.[0-9]+(e[-+]?[0-9]+)?"
    r"|\.inf|\.nan|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|~|null|true|false|yes|no|on|off|y|n|=|<<|"
)
_INDICATORS = "-?:,[]{}#&*!|>'\"%@` "
_IN_FLOW = re.compile(r"[,\[\]{}:]")
_IN_BLOCK = re.compile(r": | #|:$| $")


def scalar(text: str, *, flow: bool) -> str:
    """Write text on one line, inside a flow collection or outside."""
    inside = _IN_FLOW if flow else _IN_BLOCK
    plain = (
        text[:1] not in _INDICATORS
        and not _OTHER.fullmatch(text)
        and not inside.search(text)
        and not _IN_BLOCK.search(text)
        and not text.startswith(("---", "..."))
        and not any(map(is_unsafe, text))
        and _resolves_to_text(text)
    )
    return text if plain else quoted(text)


def quoted(text: str) -> str:
    """Write text in double quotes; what misleads a reader's eye is an escape."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(_escaped(c) if is_unsafe(c) else c for c in written)


def literal(text: str) -> list[str] | None:
    """Return the header and lines of a literal block for several lines, if they can be one."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    if len(lines) < 2 or body.endswith("\n") or not lines[0] or lines[0][0] == " ":
        return None
    if any(is_unsafe(c) for line in lines for c in line) or any(
        line and not line.strip() for line in lines
    ):
        return None
    return ["|" if text.endswith("\n") else "|-", *lines]


def folded(text: str, width: int) -> list[str] | None:
    """Return the header and lines of a folded block for one long line, if it can be one."""
    words = text.split(" ")
    if "" in words or any(map(is_unsafe, text)) or text.strip() != text:
        return None
    lines, line = [], words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line += " " + word
    return [">-", *lines, line]


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _resolves_to_text(text: str) -> bool:
    rules = _resolvers().get(text[:1], []) + _resolvers().get(None, [])
    return not any(pattern.match(text) for _, pattern in rules)


@cache
def _resolvers() -> "dict[str | None, list[tuple[str, re.Pattern[str]]]]":
    import yaml

    return yaml.SafeLoader.yaml_implicit_resolvers

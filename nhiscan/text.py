"""Makes hostile text safe to show: names from clouds are written by attackers."""

import unicodedata

# Cc, Cf: control and format characters (escapes, direction marks); Cs: lone surrogates; Co, Cn: no
# meaning anyone shares; Zl, Zp: line and paragraph separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str, limit: int = 4000) -> str:
    """Show control, direction and separator characters as escapes, and cut what is too long."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(_escaped(c) if is_unsafe(c) else c for c in cut)


def is_unsafe(character: str) -> bool:
    """Say whether a terminal or a reader's eye could be misled by this character as it is."""
    return unicodedata.category(character) in _UNSAFE


def shortened(text: str, limit: int) -> str:
    """Cut the middle out of what is longer than `limit` characters: both ends of an id tell."""
    if len(text) <= limit:
        return text
    if limit <= 1:
        return "…"[:limit]
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail]}…{text[len(text) - tail :]}"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

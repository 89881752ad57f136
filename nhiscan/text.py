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
    return "".join(_escaped(c) if unicodedata.category(c) in _UNSAFE else c for c in cut)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

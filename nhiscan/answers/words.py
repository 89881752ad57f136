"""The closed list of decisions, and how one is read."""

from difflib import get_close_matches

# DESIGN 6.2: a closed list.
DECISIONS = ("keep", "revoke", "remediate", "accept", "reassign", "defer")


def decision(text: str, where: str) -> str | None:
    """Read one decision; empty is none. ValueError names the nearest one."""
    cleaned = text.strip().lower()
    if not cleaned:
        return None
    if cleaned not in DECISIONS:
        near = get_close_matches(cleaned, DECISIONS, n=1)
        then = f"did you mean {near[0]!r}?" if near else f"one of: {', '.join(DECISIONS)}"
        raise ValueError(f"{where}: decision {text.strip()[:40]!r} is not known; {then}")
    return cleaned

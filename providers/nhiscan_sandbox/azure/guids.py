"""Ids that look like Microsoft's own and are the same in every run."""

import re
from uuid import UUID, uuid5

# any namespace will do; it only has to stay the same
_NAMESPACE = UUID("6d1c2d8e-3f0a-5b6c-9d7e-8f9a0b1c2d3e")
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def guid(*parts: str) -> str:
    """Make an id from what it is the id of."""
    return str(uuid5(_NAMESPACE, "\x1f".join(parts)))


def is_guid(text: str) -> bool:
    """Say whether a text is an id rather than a name."""
    return _GUID.fullmatch(text) is not None

"""Finds the identity that somebody names: by its id, native id, or an unambiguous name."""

from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.errors import UsageError
from nhiscan.text import printable, shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Candidates told; the rest is counted.
SHOWN = 8


class Named(Struct, frozen=True):
    """One identity that the last complete read of its account showed; as text, safe to show."""

    identity_id: str
    tenant_id: str
    account_id: str
    kind: str
    name: str
    native_id: str

    def __str__(self) -> str:
        name = printable(self.name, 80)
        return f"{self.kind} {name} ({self.tenant_id}, {self.account_id})"


_EXACT = """
SELECT i.identity_id, i.tenant_id, i.account_id, i.kind, i.name, i.native_id,
    CASE WHEN i.identity_id = $text THEN 0 WHEN i.native_id = $text THEN 1
        WHEN i.name = $text THEN 2 ELSE 3 END AS rank
FROM identities AS i
WHERE i.identity_id = $text OR i.native_id = $text OR i.name = $text
    OR lower(i.name) = lower($text)
QUALIFY rank = min(rank) OVER ()
ORDER BY i.tenant_id, i.account_id, i.identity_id
"""
_NEAR = """
SELECT DISTINCT i.name
FROM identities AS i
WHERE len(i.name) <= 200 AND (
    contains(lower(i.name), lower($text))
    OR jaro_winkler_similarity(lower(i.name), lower($text)) > 0.85
)
ORDER BY jaro_winkler_similarity(lower(i.name), lower($text)) DESC, i.name
LIMIT 5
"""


def identify(con: "DuckDBPyConnection", text: str) -> Named:
    """Return the one identity that `text` names; UsageError lists the candidates, or the nearest.

    An id goes before a native id, that before a name, and that before a name in another case.
    """
    rows = con.execute(_EXACT, {"text": text}).fetchall()
    found = [Named(*row[:6]) for row in rows]
    if len(found) == 1:
        return found[0]
    if not found:
        near = [row[0] for row in con.execute(_NEAR, {"text": text[:200]}).fetchall()]
        hint = (
            f"did you mean {' or '.join(near)}?" if near else "`nhiscan query inventory` lists them"
        )
        raise UsageError(f"no identity named {shortened(text, 200)!r}", hint=hint)
    lines = [f"  {one.identity_id}  {one}" for one in found[:SHOWN]]
    more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise UsageError(
        f"{len(found)} identities are called {shortened(text, 200)!r}:\n" + "\n".join(lines) + more,
        hint="name one by its id",
    )

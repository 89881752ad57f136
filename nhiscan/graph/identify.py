"""Finds the identity that somebody names: by its id, native id, or an unambiguous name."""

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.errors import UsageError
from nhiscan.text import printable, shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
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
WITH named AS (
    SELECT i.identity_id, i.tenant_id, i.account_id, i.kind, i.name, i.native_id, i.part_of,
        coalesce(i.home_account_id <> i.account_id, false) AS guest,
        CASE WHEN i.identity_id = $text THEN 0 WHEN i.native_id = $text THEN 1
            WHEN i.immutable_id = $text THEN 2 WHEN i.native_id LIKE '%/' || $id THEN 3
            WHEN i.name = $text THEN 4 ELSE 5 END AS rank
    FROM identities AS i
    WHERE i.identity_id = $text OR i.native_id = $text OR i.immutable_id = $text OR i.name = $text
        OR lower(i.name) = lower($text) OR ($id <> '' AND i.native_id LIKE '%/' || $id)
    QUALIFY rank = min(rank) OVER ()
)
-- A name that a whole and its parts share means the whole; an id that an identity has at home and
-- as another account's guest means the one at home.
SELECT n.* EXCLUDE (part_of, guest, rank) FROM named AS n
WHERE if(
    n.rank < 4,
    NOT n.guest OR NOT EXISTS (FROM named AS h WHERE NOT h.guest),
    n.part_of IS NULL OR n.part_of NOT IN (SELECT w.identity_id FROM named AS w)
)
ORDER BY n.tenant_id, n.account_id, n.identity_id
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

    An id goes before a native id, that before an immutable one, that before the last part of a
    native id where it is a GUID (an object in a directory), that before a name, and that before a
    name in another case.
    """
    guid = text.lower() if _GUID.fullmatch(text) else ""
    rows = con.execute(_EXACT, {"text": guid or text, "id": guid}).fetchall()
    found = [Named(*row) for row in rows]
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

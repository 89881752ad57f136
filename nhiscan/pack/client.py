"""What must not stand in a tenant's pack: other clients' names, and the names of shared tools."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import structs

from nhiscan.config.model import Config
from nhiscan.export.gaps.rows import terms
from nhiscan.export.wall import MASK, Wall, opaque_ids
from nhiscan.pack.contents import OpaqueError, texts
from nhiscan.pack.tools import Tools
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OWNERS = """
SELECT i.identity_id, any_value(coalesce(t.client_group, t.tenant_id)) AS client
FROM identities_history AS i JOIN tenants AS t ON t.tenant_id = i.tenant_id
WHERE t.kind <> 'msp' AND list_contains($ids::VARCHAR[], i.identity_id)
GROUP BY i.identity_id
"""
_PEOPLE = """
SELECT p.party_id, lower(p.email) AS email
FROM parties AS p JOIN tenants AS t ON p.org = 'client:' || t.tenant_id
WHERE t.kind <> 'msp' AND coalesce(t.client_group, t.tenant_id) <> $client
"""
_QUOTED = re.compile(r'"([^"\\\n]{1,200})"')


# Keys of bodies and records that our own code gives them.
_KEYS = frozenset(
    {"version", "month", "items", "item_id", "rule", "severity", "title", "owner", "subject"}
    | {"first_seen", "due_at", "needs_decision", "inputs_sha256", "campaign_id", "rows", "chair_id"}
    | {"held_at", "decisions", "decision", "undecided", "comment", "evidence_id", "tenant_id"}
    | {"instance_id", "kind", "custodian_id", "custodian_org", "collector", "collected_at", "name"}
    | {"path", "sha256", "size", "row_count", "query", "query_sha256", "params", "incomplete"}
    | {"period_start", "period_end", "attribution_ratio", "uri", "note", "records", "tenant"}
    | {"identity", "approved_by", "approved_at", "requested_by", "executed_by", "reviewer"}
)


def _said(value: Any) -> Iterator[str]:
    """Yield every text of a structure, but for the keys that are ours."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _KEYS:
                yield key
            yield from _said(item)
    elif isinstance(value, list):
        for item in value:
            yield from _said(item)
    elif isinstance(value, str):
        yield f'"{value}"'


class ClientWall:
    """Masks tables, and tells whether bytes name what they must not. The MSP's own has no wall.

    `is_handed_out` packs go to the client: of them also the names of shared tools, and what
    cannot be looked into, are kept back.
    """

    def __init__(
        self,
        con: "DuckDBPyConnection",
        config: Config,
        store: Path,
        tenant: str,
        *,
        is_handed_out: bool,
    ) -> None:
        known = config.tenant(tenant)
        kinds = dict(con.execute("SELECT tenant_id, kind FROM tenants").fetchall())
        self._con = con
        self._client = known.group if known else tenant
        self._is_open = kinds.get(tenant) == "msp"
        self._is_handed_out = is_handed_out
        self._strangers: set[str] = set()
        self._words = Wall([])
        self._tools: Tools | None = None
        if not self._is_open:
            people = con.execute(_PEOPLE, {"client": self._client}).fetchall()
            self._strangers = {word for row in people for word in row if word}
            self._words = Wall(terms(con, config))
            self._tools = Tools(con, store, self._client)

    def table(self, table: Table) -> Table:
        """Return a table fit for the client: masked, with pseudonyms for shared tools."""
        if self._is_open:
            return table
        wall = self._wall(set().union(*(opaque_ids(list(row)) for row in table.rows)))
        masked: dict[str, str] = {}

        def fit(value: Any) -> Any:
            if isinstance(value, str):
                if value not in masked:
                    masked[value] = self._fit(wall, value)
                return masked[value]
            if isinstance(value, dict):
                return {fit(key): fit(item) for key, item in value.items()}
            if isinstance(value, list | tuple):
                return [fit(item) for item in value]
            return value

        return structs.replace(
            table,
            rows=[[fit(value) for value in row] for row in table.rows],
            notes=tuple(fit(note) for note in table.notes),
        )

    def text(self, text: str) -> str:
        """Return one text fit for the client."""
        masked: str = self.table(Table(columns=("text",), rows=[[text]])).rows[0][0]
        return masked

    def _fit(self, wall: Wall, text: str) -> str:
        # ids of people are too short to be looked for inside of texts
        if text in self._strangers:
            return MASK
        called = self._tools.called(text) if self._tools else text
        masked: str = wall.masked(called, self._client)[0]
        return masked

    def _wall(self, ids: set[str]) -> Wall:
        named = sorted(word for word in ids if word.startswith("nhi_"))
        owners = dict(self._con.execute(_OWNERS, {"ids": named}).fetchall()) if named else {}
        return self._words.knowing(owners)

    def tells(self, text: str) -> bool:
        """Say whether a text names another client or, in what is handed out, a shared tool."""
        if self._is_open:
            return False
        if self._wall(opaque_ids(text)).masked(text, self._client)[1]:
            return True
        if self._strangers.intersection(_QUOTED.findall(text)):
            return True
        return self._is_handed_out and self._tools is not None and self._tools.are_named(text)

    def entry_tells(self, body: str) -> bool:
        """Say the same of an entry's body; what our own code wrote there names nobody.

        Else a client called Native or Owner would hide every entry of all others.
        """
        try:
            said = json.loads(body)
        except ValueError:
            return self.tells(body)
        if not isinstance(said, dict):
            return self.tells(body)
        told = {key: value for key, value in said.items() if key != "sql"}
        return self.tells("\n".join(_said(told)))

    def why_kept_back(self, data: bytes) -> str | None:
        """Say why a file must not go into the pack; null if it may."""
        if self._is_open:
            return None
        try:
            for text in texts(data):
                if self.tells(text):
                    return "names another client or a shared tool"
        except OpaqueError:
            return "cannot be looked into" if self._is_handed_out else None
        return None

"""What a client must not read in its pack: other clients' names, and the names of shared tools."""

import hmac
import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from nhiscan.config.model import Config
from nhiscan.export.gaps import terms
from nhiscan.export.wall import Wall, opaque_ids
from nhiscan.store.lock import private_folder
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHARED = """
SELECT i.identity_id, i.native_id, i.immutable_id, i.name,
    count(DISTINCT t.client_group) FILTER (t.kind = 'client' AND t.client_group <> $client)
        AS others
FROM shared AS s
JOIN identities AS i ON list_contains(s.identity_ids, i.identity_id)
JOIN tenants AS own ON own.tenant_id = i.tenant_id
JOIN tenants AS t ON list_contains(s.tenant_ids, t.tenant_id)
WHERE own.client_group IS DISTINCT FROM $client
GROUP BY ALL
ORDER BY i.identity_id
"""
_OWNERS = """
SELECT i.identity_id, coalesce(t.client_group, t.tenant_id) AS client
FROM identities_history AS i JOIN tenants AS t ON t.tenant_id = i.tenant_id
WHERE t.kind <> 'msp' AND list_contains($ids::VARCHAR[], i.identity_id)
"""


class Tool(Struct, frozen=True, kw_only=True):
    """A shared identity of somebody else: how this client's pack calls it."""

    pseudonym: str
    words: tuple[str, ...]
    others: int


class ClientWall:
    """Masks tables, and tells whether bytes name what they must not. The MSP's own has no wall."""

    def __init__(self, con: "DuckDBPyConnection", config: Config, store: Path, tenant: str) -> None:
        known = config.tenant(tenant)
        kinds = dict(con.execute("SELECT tenant_id, kind FROM tenants").fetchall())
        self._con = con
        self._client = known.group if known else tenant
        self._is_open = kinds.get(tenant) == "msp"
        self._terms = [] if self._is_open else terms(con, config)
        self._tools = [] if self._is_open else _tools(con, store, self._client)

    def table(self, table: Table) -> Table:
        """Return a table fit for the client: masked, with pseudonyms for shared tools."""
        if self._is_open:
            return table
        ids = set().union(*(opaque_ids(list(row)) for row in table.rows))
        owners = dict(self._con.execute(_OWNERS, {"ids": sorted(ids)}).fetchall())
        wall = Wall(self._terms, owners)
        rows = [
            [wall.masked(self._called(value), self._client)[0] for value in row]
            for row in table.rows
        ]
        return structs.replace(table, rows=rows)

    def text(self, text: str) -> str:
        """Return one text fit for the client."""
        masked: str = self.table(Table(columns=("text",), rows=[[text]])).rows[0][0]
        return masked

    def _called(self, value: Any) -> Any:
        """Put pseudonyms in place of the ids and names of shared tools, within any text."""
        if isinstance(value, str):
            return self._pseudonyms(value)
        if isinstance(value, dict):
            return {self._called(key): self._called(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._called(item) for item in value]
        return value

    def _pseudonyms(self, value: str) -> str:
        for tool in self._tools:
            for word in tool.words:
                if word == value:
                    return f"{tool.pseudonym} (also used for {tool.others} other clients)"
                value = value.replace(word, tool.pseudonym)
        return value

    def tells(self, text: str) -> bool:
        """Say whether a text names another client or a shared tool."""
        if self._is_open:
            return False
        owners = dict(self._con.execute(_OWNERS, {"ids": sorted(opaque_ids(text))}).fetchall())
        named = Wall(self._terms, owners).masked(text, self._client)[1]
        return bool(named) or any(word in text for tool in self._tools for word in tool.words)

    def file_tells(self, path: Path) -> bool:
        """Say whether a file names another client, also inside a zip or office file."""
        if self._is_open:
            return False
        from zipfile import BadZipFile, ZipFile, is_zipfile

        if is_zipfile(path):
            try:
                with ZipFile(path) as archive:
                    parts = [archive.read(name) for name in archive.namelist()]
                    names = " ".join(archive.namelist())
            except (BadZipFile, RuntimeError, NotImplementedError):
                return True  # what cannot be looked into does not go out
            return self.tells(names) or any(self.tells(_text(part)) for part in parts)
        return self.tells(_text(path.read_bytes()))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _tools(con: "DuckDBPyConnection", store: Path, client: str) -> list[Tool]:
    key = _key(store)
    tools = []
    for identity_id, native_id, immutable_id, name, others in con.execute(
        _SHARED, {"client": client}
    ).fetchall():
        digest = hmac.new(key, f"{client}|{identity_id}".encode(), sha256).hexdigest()
        words = {identity_id, native_id, immutable_id, name} - {None, ""}
        # the longest first: an ARN holds the name that stands alone elsewhere
        ordered = tuple(sorted(words, key=lambda word: (-len(word), word)))
        tools.append(Tool(pseudonym=f"shared-tool-{digest[:8]}", words=ordered, others=others))
    return tools


def _key(store: Path) -> bytes:
    """Return the key of the pseudonyms: made once per store, kept beside it, never shown."""
    file = private_folder(store.resolve()) / "pseudonyms.key"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        partial = file.with_suffix(f".{os.getpid()}.part")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(os.urandom(32))
        try:
            os.link(partial, file)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
        return file.read_bytes()

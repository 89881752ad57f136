"""Reads rows for an export, each as the tenant that it is for may see it."""

import json
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

from nhiscan.export.tenant import known_tenant
from nhiscan.export.wall import Wall, opaque_ids

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Rows held at a time: an estate's findings do not fit into memory twice.
BATCH = 5_000

Row = dict[str, Any]


class Reader:
    """Reads queries of this package; with `tenant`, only its rows, behind the tenant wall.

    Without `tenant`, or for the MSP's own, nothing is masked: that is for the MSP's own tools.
    `contacts` are addresses that the configuration gives for tenants, whose domains name a client
    as a roster's do. UsageError if the store does not know the tenant.
    """

    def __init__(
        self,
        con: "DuckDBPyConnection",
        tenant: str | None,
        contacts: Sequence[tuple[str, str]] = (),
    ) -> None:
        if tenant is not None:
            known_tenant(con, tenant)
        self.con = con
        self.tenant = tenant
        clients = dict(con.execute(text("clients.sql")).fetchall())
        self._client = clients.get(tenant) if tenant is not None else None
        self._wall = Wall([])
        if self._client is not None:
            domains = [
                (clients[name], "domain", address.rpartition("@")[2])
                for name, address in contacts
                if name in clients and "@" in address
            ]
            self._wall = Wall(domains + con.execute(text("terms.sql")).fetchall())

    def rows(self, name: str, *, json_in: Sequence[str], ours: frozenset[str]) -> Iterator[Row]:
        """Run a query of this package, which takes $tenant; its order is kept.

        Columns `json_in` are parsed; columns `ours` hold words of our own, which no mask touches.
        """
        # A cursor of its own: the wall asks while the rows are being read.
        asking = self.con.cursor()
        asking.execute("USE store.main")
        found = asking.execute(text(name), {"tenant": self.tenant})
        names = [column[0] for column in found.description or ()]
        while part := found.fetchmany(BATCH):
            rows = [dict(zip(names, row, strict=True)) for row in part]
            for row in rows:
                row.update({key: parsed(row[key]) for key in json_in})
            yield from self._masked(rows, ours)

    def listed(
        self, name: str, *, json_in: Sequence[str] = (), ours: frozenset[str], **params: Any
    ) -> list[Row]:
        """Return all rows at once; as of the moment that the store was opened for."""
        found = self.con.execute(text(name), {"tenant": self.tenant, **params})
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        for row in rows:
            row.update({key: parsed(row[key]) for key in json_in})
        return self._masked(rows, ours)

    def _masked(self, rows: list[Row], ours: frozenset[str]) -> list[Row]:
        client = self._client
        if client is None:
            return rows
        mentioned = sorted(set().union(*(opaque_ids(row) for row in rows)))
        owners = self.con.execute(text("owners.sql"), {"ids": mentioned}).fetchall()
        wall = self._wall.knowing(dict(owners))
        return [
            {k: v if k in ours else wall.masked(v, client)[0] for k, v in row.items()}
            for row in rows
        ]


def text(name: str) -> str:
    """Return the text of a query of this package."""
    return resources.files("nhiscan.export").joinpath(name).read_text(encoding="utf-8")


def parsed(value: str | None) -> Any:
    """Read a JSON column; text that is none stays text."""
    try:
        return json.loads(value) if value else None
    except ValueError:
        return value

"""Loads tenants and parties from the configuration into the store."""

from typing import TYPE_CHECKING

from nhiscan.config.model import Config, Party
from nhiscan.graph.staging import stage_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TENANT = {"tenant_id": "VARCHAR", "name": "VARCHAR", "kind": "VARCHAR", "client_group": "VARCHAR"}
_PARTY = {
    "party_id": "VARCHAR",
    "name": "VARCHAR",
    "kind": "VARCHAR",
    "org": "VARCHAR",
    "employment": "VARCHAR",
    "email": "VARCHAR",
    "aliases": "VARCHAR[]",
    "since": "DATE",
    "manager": "VARCHAR",
}


def stage_tenants(con: "DuckDBPyConnection", config: Config) -> None:
    """Leave `staged_tenant`."""
    rows = [(t.id, t.name, t.kind, t.group) for t in config.tenants]
    stage_rows(con, "staged_tenant", _TENANT, rows)


def stage_parties(con: "DuckDBPyConnection", config: Config) -> None:
    """Leave `staged_party`."""
    rows = [tuple(getattr(p, column) for column in _PARTY) for p in everybody(config)]
    stage_rows(con, "staged_party", _PARTY, rows)


def everybody(config: Config) -> tuple[Party, ...]:
    """Return the parties of the rosters, and the vendors of the MSP's own list as such."""
    known = {party.party_id for party in config.parties}
    vendors = (
        Party(party_id=v.id, name=v.name, kind="vendor", file="", line=0)
        for v in config.vendors
        if v.id not in known
    )
    return (*config.parties, *vendors)

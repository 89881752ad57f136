"""Loads tenants and parties from the configuration into the store."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from nhiscan.config.model import Config, Party
from nhiscan.graph.staging import stage_rows
from nhiscan.ownership.references import normal

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


def stage_parties(con: "DuckDBPyConnection", config: Config, at: datetime) -> None:
    """Leave `staged_party`.

    Beside the store's columns it has `same_as`, the id under which a leaver came back, and `stale`,
    which says so where the roster file that tells of the party is too old.
    """
    people = everybody(config)
    agreements = {vendor.id: vendor.agreement for vendor in config.vendors}
    came_back = _came_back(people)
    stale = {file: f"roster: {text}" for file, text in stale_files(config, at)}
    rows = [
        (
            *(getattr(party, column) for column in _PARTY),
            agreements.get(party.party_id),
            came_back.get(party.party_id),
            stale.get(party.file),
        )
        for party in people
    ]
    columns = _PARTY | {"agreement": "VARCHAR", "same_as": "VARCHAR", "stale": "VARCHAR"}
    stage_rows(con, "staged_party", columns, rows)


def everybody(config: Config, extra: Iterable[Party] = ()) -> tuple[Party, ...]:
    """Return the parties of the rosters, `extra` ones, and the MSP's own vendors as such."""
    parties = [*config.parties, *extra]
    known = {party.party_id for party in parties}
    vendors = (
        Party(party_id=v.id, name=v.name, kind="vendor", file="", line=0)
        for v in config.vendors
        if v.id not in known
    )
    return (*parties, *vendors)


def oldest_stale(config: Config, at: datetime) -> str | None:
    """Say how old the oldest roster is, if it is too old to trust; the text stays the same daily.

    No file is named: which rosters there are is nothing for every client to read.
    """
    return min((f"roster: {text}" for _, text in stale_files(config, at)), default=None)


def stale_files(config: Config, at: datetime) -> list[tuple[str, str]]:
    """List the roster files that are too old to trust, each with how old that is."""
    told = ((one.file, _stale(one.written_at, config, at)) for one in config.rosters)
    return [(file, text) for file, text in told if text is not None]


def _stale(written_at: str, config: Config, at: datetime) -> str | None:
    written, days = datetime.fromisoformat(written_at), config.policy.roster_max_age
    if at - written <= timedelta(days=days):
        return None
    return f"last written {written:%Y-%m-%d}, over {days} days ago"


def _came_back(people: Iterable[Party]) -> dict[str, str]:
    """Map ids of leavers to the one id under which the same person is here.

    The same person has the same name and address in the same organization; nothing less will do,
    for addresses are given on to successors.
    """
    here: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    people = [one for one in people if one.kind == "person"]
    for one in people:
        if one.employment != "left":
            for address in {normal(text) for text in (one.email, *one.aliases) if text}:
                here[one.org, normal(one.name), address].append(one.party_id)
    found = {}
    for one in people:
        if one.employment == "left" and one.email:
            same = here.get((one.org, normal(one.name), normal(one.email)), [])
            if len(same) == 1:
                found[one.party_id] = same[0]
    return found

"""Collects claims of ownership and finds the parties they name, once per distinct text."""

from typing import TYPE_CHECKING

from nhiscan.config.model import Config
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.ownership.matching import Roster
from nhiscan.ownership.references import LONGEST, references, squeezed
from nhiscan.ownership.roster import everybody
from nhiscan.ownership.signals import OTHER, SIGNALS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READING = {
    "client_group": "VARCHAR",
    "text": "VARCHAR",
    "reference": "VARCHAR",
    "party_id": "VARCHAR",
    "why": "VARCHAR",
}
_SIGNAL = {"signal": "VARCHAR", "weight": "DOUBLE", "half_life": "BIGINT", "origin": "VARCHAR"}


def stage_claims(con: "DuckDBPyConnection", config: Config) -> None:
    """Leave `staged_ownership_claim` and `judged_claim`; needs `known_tenant` and `staged_party`.

    A text that names several parties makes a claim for each. Placeholders, automations, homonyms
    and names outside the roster are kept as claims without a party, with the reason.
    """
    owner_tags = [tag.strip().lower() for tag in config.owner_tags]
    run_script(con, "nhiscan.ownership", "claims.sql", owner_tags=owner_tags)
    stage_rows(con, "reading", _READING, _readings(con, config))
    signals = [(s.code, s.weight, s.half_life, s.origin) for s in (*SIGNALS, OTHER)]
    stage_rows(con, "signal", _SIGNAL, signals)
    run_script(con, "nhiscan.ownership", "judged.sql")


def _readings(
    con: "DuckDBPyConnection", config: Config
) -> list[tuple[str, str, str, str | None, str]]:
    groups = {tenant.id: tenant.group for tenant in config.tenants}
    roster = Roster(everybody(config), groups, groups.get(config.msp_id, config.msp_id))
    # what is empty or blank stands for no one either
    placeholders = {"", *map(squeezed, config.owner_placeholders)}
    texts = con.execute(
        "SELECT DISTINCT client_group, text FROM raw_claim"
        " WHERE NOT coalesce(by_machine, false) AND len(text) <= $longest",
        {"longest": LONGEST},
    ).fetchall()
    rows: list[tuple[str, str, str, str | None, str]] = []
    for group, text in texts:
        for reference in references(text):
            if squeezed(reference) in placeholders:
                rows.append((group, text, reference, None, "a placeholder, which is no owner"))
                continue
            match = roster.match(reference, group)
            rows.append((group, text, reference, match.party_id, match.why))
    return rows

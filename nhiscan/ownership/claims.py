"""Collects claims of ownership and finds the parties they name, once per distinct text."""

from datetime import datetime
from typing import TYPE_CHECKING

from nhiscan.config.model import Config
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.ownership.matching import Roster
from nhiscan.ownership.references import LONGEST, references, squeezed
from nhiscan.ownership.roster import everybody
from nhiscan.ownership.signals import signals

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READING = {
    "client_group": "VARCHAR",
    "text": "VARCHAR",
    "reference": "VARCHAR",
    "party_id": "VARCHAR",
    "why": "VARCHAR",
}
_SIGNAL = {
    "signal": "VARCHAR",
    "weight": "DOUBLE",
    "accountable": "DOUBLE",
    "half_life": "BIGINT",
    "origin": "VARCHAR",
}
_NAMING = {"pattern": "VARCHAR", "owner": "VARCHAR"}
# Who is accountable for an instance that an identity operates; whoever knows the matrix fills it.
# `explicit` says that the matrix names the identity by its id.
CONTROL_CLAIM = {
    "identity_id": "VARCHAR",
    "tenant_id": "VARCHAR",
    "party_id": "VARCHAR",
    "confidence": "DOUBLE",
    "instance_id": "VARCHAR",
    "explicit": "BOOLEAN",
}
_STAGED = "SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = ?"


def stage_claims(con: "DuckDBPyConnection", config: Config, at: datetime) -> None:
    """Leave `staged_ownership_claim` and `judged_claim`; needs `known_tenant` and `staged_party`.

    A text that names several parties makes a claim for each. Placeholders, automations, homonyms
    and names outside the roster are kept as claims without a party, with the reason. A temporary
    table `control_claim` (CONTROL_CLAIM) is used if it was staged before.
    """
    owner_tags = [tag.strip().lower() for tag in config.owner_tags]
    run_script(con, "nhiscan.ownership", "claims.sql", owner_tags=owner_tags)
    naming = [(rule.match, rule.owner) for rule in config.naming]
    stage_rows(con, "naming_rule", _NAMING, naming)
    if not con.execute(_STAGED, ["control_claim"]).fetchone():
        stage_rows(con, "control_claim", CONTROL_CLAIM, [])
    run_script(con, "nhiscan.ownership", "answers.sql", at=at)
    stage_rows(con, "reading", _READING, _readings(con, config))
    known = [
        (s.code, s.weight, s.accountable, s.half_life, s.origin) for s in signals(config.policy)
    ]
    stage_rows(con, "signal", _SIGNAL, known)
    run_script(con, "nhiscan.ownership", "judged.sql", at=at)


def _readings(
    con: "DuckDBPyConnection", config: Config
) -> list[tuple[str, str, str, str | None, str]]:
    groups = {tenant.id: tenant.group for tenant in config.tenants}
    roster = Roster(everybody(config), groups, groups.get(config.msp_id, config.msp_id))
    # what is empty or blank stands for no one either
    placeholders = {"", *map(squeezed, config.owner_placeholders)}
    texts = con.execute(
        "SELECT DISTINCT client_group, text FROM raw_claim"
        " WHERE party_id IS NULL AND NOT coalesce(by_machine, false) AND len(text) <= $longest",
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

"""Reads from the store what a newcomer should look at first."""

from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Struct

from nhiscan.sql.run import run
from nhiscan.store.read import open_reader

# The product's four questions, in the order that the demo tells them.
QUESTIONS = {
    "OWN-01": "nobody owns it",
    "OWN-02": "its owner has left",
    "SHR-04": "it is shared across clients",
    "CTL-04": "its client signed something else",
}
# What the sample estate refuses on purpose, as accounts and sources: the secrets of one account,
# and the last authentications of one organization, whose API is off.
PLANTED_GAPS = (
    "aws:920000000003 secretsmanager.secrets",
    "gcp:920000000101 policyanalyzer.activities",
    "gcp:granite-hub policyanalyzer.activities",
    "gcp:granite-security policyanalyzer.activities",
)


class Highlight(Struct, frozen=True, kw_only=True):
    """One finding; `reference` is what `nhiscan explain` takes."""

    rule: str
    title: str
    severity: str
    name: str
    tenant: str
    reference: str


class Scanned(Struct, frozen=True, kw_only=True):
    """What the demo's scan left: counts, one finding per question, and gaps nobody planted."""

    accounts: int
    identities: int
    findings: int
    highlights: tuple[Highlight, ...]
    unplanned_gaps: tuple[str, ...]


def read(store: Path) -> Scanned:
    """Read the published store."""
    with closing(open_reader(store)) as con:
        return _read(con)


def _read(con: Any) -> Scanned:
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    found = [Highlight(**row) for row in _rows(con, sql, {"rules": list(QUESTIONS)})]
    order = list(QUESTIONS)
    gaps = _rows(
        con,
        "SELECT DISTINCT account_id, source, state FROM latest_coverage WHERE NOT optional"
        " AND state NOT IN ('complete', 'not_available', 'not_licensed')"
        " AND NOT (list_contains($planted, account_id || ' ' || source) AND state = 'denied')"
        " ORDER BY ALL",
        {"planted": list(PLANTED_GAPS)},
    )
    counted = _rows(
        con,
        "SELECT (SELECT count(DISTINCT account_id) FROM identities) AS accounts,"
        " (SELECT count(*) FROM identities) AS identities,"
        " (SELECT count(*) FROM findings WHERE status = 'open') AS findings",
        {},
    )[0]
    return Scanned(
        **counted,
        highlights=tuple(sorted(found, key=lambda highlight: order.index(highlight.rule))),
        unplanned_gaps=tuple(f"{g['account_id']} {g['source']}: {g['state']}" for g in gaps),
    )


def _rows(con: Any, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    table = run(con, sql, params)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

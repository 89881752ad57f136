"""What holds for any claims whatever (governance 3.2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhiscan.config.model import Policy
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.ownership.signals import OTHER, SIGNALS, TOLERANCE, thresholds

AT = datetime(2026, 5, 1, tzinfo=UTC)
PARTIES = {
    "ann": ("person", "active"),
    "bob": ("person", "active"),
    "cat": ("person", "leave"),
    "dan": ("person", "left"),
    "eve": ("person", "left"),
    "ops": ("team", "active"),
    "old": ("team", "left"),
}
COLUMNS = {
    "identity_id": "VARCHAR",
    "tenant_id": "VARCHAR",
    "party_id": "VARCHAR",
    "role": "VARCHAR",
    "signal": "VARCHAR",
    "weight": "DOUBLE",
    "half_life": "BIGINT",
    "origin": "VARCHAR",
    "observed_at": "TIMESTAMPTZ",
    "party_kind": "VARCHAR",
    "employment": "VARCHAR",
    "manager": "VARCHAR",
    "departed": "BOOLEAN",
    "stranger": "BOOLEAN",
    "counts_for": "VARCHAR",
    "counts": "BOOLEAN",
    "team_id": "VARCHAR",
    "expires_at": "TIMESTAMPTZ",
}
Claim = tuple[str, str, int | None]
claims = st.lists(
    st.tuples(
        st.sampled_from([s.code for s in (*SIGNALS, OTHER) if s.code not in ("S1", "S2")]),
        st.sampled_from(sorted(PARTIES)),
        st.one_of(st.none(), st.integers(0, 2000)),
    ),
    max_size=8,
)


def judged(con: duckdb.DuckDBPyConnection, sets: dict[str, list[Claim]]) -> dict[str, Any]:
    """Judge one identity per set; return its verdict, backup and all scores."""
    signals = {s.code: s for s in (*SIGNALS, OTHER)}
    rows = []
    for identity, found in sets.items():
        for code, party, age in found:
            kind, employment = PARTIES[party]
            signal = signals[code]
            seen = None if age is None else (AT - timedelta(days=age)).isoformat()
            facts = (signal.weight, signal.half_life, signal.origin, seen)
            who = (kind, employment, "eve", False, False, party, True, None, None)
            rows.append((identity, "t", party, signal.role, code, *facts, *who))
    con.execute("DELETE FROM identity_version")
    for identity in sets:
        con.execute(
            "INSERT INTO identity_version VALUES (?, 't', 'aws:1', 'machine', NULL)", [identity]
        )
    stage_rows(con, "judged_claim", COLUMNS, rows)
    numbers = thresholds(Policy()) | {"tolerance": TOLERANCE}
    run_script(con, "nhiscan.ownership", "verdicts.sql", at=AT, **numbers)
    scores = con.execute("SELECT identity_id, party_id, score FROM party_score").fetchall()
    verdicts = con.execute(
        "SELECT v.identity_id, v.owner_status, v.owner_id, round(v.score, 9), b.backup_id"
        " FROM verdict v JOIN stand_in b ON b.identity_id = v.identity_id"
    ).fetchall()
    return {
        row[0]: (row[1:], {party: score for i, party, score in scores if i == row[0]})
        for row in verdicts
    }


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute(
        "CREATE TABLE identity_version (identity_id VARCHAR, tenant_id VARCHAR,"
        " account_id VARCHAR, class VARCHAR, valid_to TIMESTAMPTZ)"
    )
    con.execute(
        "CREATE TABLE known_tenant AS"
        " SELECT 't' AS tenant_id, 'client' AS kind, 't' AS client_group"
    )
    columns = dict.fromkeys(("party_id", "kind", "employment", "org", "manager"), "VARCHAR")
    rows = [(name, kind, job, "msp", "eve") for name, (kind, job) in PARTIES.items()]
    stage_rows(con, "staged_party", columns, rows)
    return con


@settings(max_examples=60, deadline=None)
@given(base=claims, extra=claims.filter(bool), order=st.randoms())
def test_properties(
    con: duckdb.DuckDBPyConnection, base: list[Claim], extra: list[Claim], order: Any
) -> None:
    shuffled = list(base)
    order.shuffle(shuffled)
    found = judged(con, {"base": base, "shuffled": shuffled, "more": [*base, extra[0]], "none": []})
    assert found["base"] == found["shuffled"]
    assert found["none"] == (("unowned", None, None, None), {})
    party = extra[0][1]
    # a backup has no score
    assert found["more"][1].get(party, 0) >= found["base"][1].get(party, 0) - TOLERANCE
    for (status, owner, score, backup), scores in found.values():
        gone = {name for name, (_, employment) in PARTIES.items() if employment == "left"}
        assert owner not in gone
        assert backup not in gone
        assert owner is None or owner != backup
        assert (owner is None) == (status in ("unowned", "orphaned", "conflict"))
        assert score is None or 0 <= score <= 0.85
        assert all(0 <= value <= 0.85 for value in scores.values())


def status(con: duckdb.DuckDBPyConnection, *found: Claim) -> tuple[Any, ...]:
    [(verdict, _)] = judged(con, {"one": list(found)}).values()
    return tuple(verdict)


def test_thresholds_are_met_with_a_tolerance(con: duckdb.DuckDBPyConnection) -> None:
    assert status(con, ("S7", "ann", 0), ("S12", "ann", None))[:2] == ("inferred", "ann")
    assert status(con, ("S7", "ann", 0))[:2] == ("suggested", "ann")
    assert status(con, ("S7", "ann", 82))[:2] == ("suggested", "ann")
    assert status(con, ("S7", "ann", 83))[:2] == ("unowned", None)
    assert status(con, ("S12", "ann", None))[:2] == ("unowned", None)


def test_two_declared_owners_conflict_until_one_is_clearly_newer(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert status(con, ("S3", "ann", 0), ("S3", "bob", 0))[:2] == ("conflict", None)
    assert status(con, ("S3", "ann", 0), ("S3", "bob", 109))[:2] == ("conflict", None)
    assert status(con, ("S3", "ann", 0), ("S3", "bob", 110))[:2] == ("declared", "ann")


def test_a_declaration_stands_against_inferences_however_old(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = status(con, ("S3", "ann", 1500), ("S7", "bob", 0), ("S12", "bob", None))
    assert found[:2] == ("declared", "ann")
    assert found[3] == "bob"


def test_correlated_claims_count_once(con: duckdb.DuckDBPyConnection) -> None:
    [(_, scores)] = judged(con, {"one": [("S3", "ann", 0), ("S3", "ann", 0)]}).values()
    assert scores["ann"] == pytest.approx(0.8)
    [(_, scores)] = judged(con, {"one": [("S7", "ann", 0), ("S8", "ann", 0)]}).values()
    assert scores["ann"] == pytest.approx(0.55)


def test_a_leaver_in_the_tag_is_orphaned_until_somebody_succeeds(
    con: duckdb.DuckDBPyConnection,
) -> None:
    assert status(con, ("S3", "dan", 0))[:2] == ("orphaned", None)
    assert status(con, ("S3", "dan", 0), ("S12", "ann", None))[:2] == ("orphaned", None)
    suggested = status(con, ("S3", "dan", 0), ("S7", "ann", 0))
    assert suggested[:2] == ("orphaned", None)
    assert suggested[3] == "ann"
    assert status(con, ("S3", "dan", 0), ("S3", "ann", 0))[:2] == ("declared", "ann")
    assert status(con, ("S3", "dan", 0), ("S3", "ops", 0))[:2] == ("team_only", "ops")
    assert status(con, ("S7", "dan", 900))[:2] == ("orphaned", None)
    assert status(con, ("S12", "dan", None))[:2] == ("unowned", None)


def test_people_on_leave_keep_what_they_own(con: duckdb.DuckDBPyConnection) -> None:
    assert status(con, ("S3", "cat", 0))[:2] == ("declared", "cat")


def test_teams_own_only_what_no_person_does(con: duckdb.DuckDBPyConnection) -> None:
    assert status(con, ("S3", "ops", 0))[:2] == ("team_only", "ops")
    assert status(con, ("S3", "ops", 0), ("S3", "ann", 700))[:2] == ("declared", "ann")
    helped = status(con, ("S3", "ops", 0), ("S7", "ann", 0))
    assert helped[:2] == ("team_only", "ops")
    assert helped[3] == "ann"
    assert status(con, ("S3", "old", 0))[:2] == ("orphaned", None)

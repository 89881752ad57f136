"""`nhiscan attest`, `import owners`, `resolve` and `why`, as people use them on the sample."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from nhiscan.store.read import open_reader
from tests.conftest import NOW, Project

LATER = "2026-11-01T07:00:00+00:00"


@pytest.fixture
def asked(scanned: Project, tmp_path: Path) -> Project:
    """A copy of the scanned sample project, to answer questions in."""
    folder = tmp_path / "asked"
    shutil.copytree(scanned.path, folder, ignore=shutil.ignore_patterns("nhiscan.duckdb.d"))
    return replace(scanned, path=folder, config=folder / "nhiscan.yaml")


def rows(project: Project, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with open_reader(project.store) as con:
        return con.execute(sql, list(values)).fetchall()


def status_of(project: Project, name: str) -> tuple[Any, ...]:
    [row] = rows(
        project,
        "SELECT owner_status, owner_id, owner_confidence FROM identities"
        " WHERE name = ? AND kind = 'user'",
        name,
    )
    return row


def test_an_attestation_settles_a_conflict_at_once(asked: Project) -> None:
    assert status_of(asked, "pos-bridge")[:2] == ("conflict", None)
    done = asked.run(
        "attest", "pos-bridge", "--owner", "Dana Reyes", "--by", "lee", "--note", "CHG-1", now=LATER
    )
    assert done.returncode == 0, done.stderr
    assert "pos-bridge" in done.stdout
    assert "attested, owner Dana Reyes (dana.reyes), confidence" in done.stdout
    assert status_of(asked, "pos-bridge")[:2] == ("attested", "dana.reyes")
    [said] = rows(
        asked,
        "SELECT party_id, is_owner, attested_by, note, attested_at::VARCHAR, expires_at::VARCHAR"
        " FROM attestations",
    )
    when = ("2026-11-01 07:00:00+00", "2027-04-30 07:00:00+00")
    assert said == ("dana.reyes", True, "lee", "CHG-1", *when)
    found = "SELECT f.rule, f.status FROM findings f JOIN identities i USING (identity_id)"
    where = " WHERE i.name = 'pos-bridge' AND f.rule IN ('OWN-03', 'OWN-07') ORDER BY ALL"
    assert rows(asked, found + where) == [("OWN-03", "resolved")]
    changes = asked.run("diff", "--from", NOW.isoformat(), "--to", LATER, "--format", "json")
    owners = [c for c in json.loads(changes.stdout) if c["what"] == "owner"]
    assert ("owner_id", None, "dana.reyes") in [(c["column"], c["old"], c["new"]) for c in owners]


def test_an_attestation_that_has_ended_is_asked_for_again(asked: Project) -> None:
    assert asked.run("attest", "pos-bridge", "--owner", "dana.reyes", now=LATER).returncode == 0
    seen = rows(asked, "SELECT finding_id, first_seen, last_seen FROM findings ORDER BY ALL")
    done = asked.run("resolve", now="2027-05-01T07:00:00+00:00")
    assert done.returncode == 0, done.stderr
    # what was said stays evidence, of less weight
    assert status_of(asked, "pos-bridge")[:2] == ("declared", "dana.reyes")
    [(title, evidence)] = rows(
        asked,
        "SELECT title, evidence FROM findings WHERE rule = 'OWN-07' AND status = 'open'"
        " AND title LIKE 'pos-bridge%'",
    )
    assert title == "pos-bridge is overdue for its owner's word"
    assert json.loads(evidence)["facts"]["attested_for"] == "dana.reyes"
    # no cloud was asked: nothing was seen anew
    again = rows(asked, "SELECT finding_id, first_seen, last_seen FROM findings ORDER BY ALL")
    assert set(seen) <= set(again)
    assert rows(asked, "SELECT count(*) FROM scans") == [(1,)]


def test_not_mine_reopens_the_question(asked: Project) -> None:
    for party in ("dana.reyes", "priya.nair"):
        done = asked.run("attest", "pos-bridge", "--not-owner", party, now=LATER)
        assert done.returncode == 0, done.stderr
    assert status_of(asked, "pos-bridge")[0] == "unowned"
    told = asked.run("why", "pos-bridge", now=LATER)
    assert "Dana Reyes (dana.reyes): S3, does not count: not theirs, said 2026-11-01" in told.stdout
    [one] = json.loads(asked.run("why", "pos-bridge", "--format", "json", now=LATER).stdout)
    assert {no["party"]["party_id"] for no in one["rejected"]} == {"dana.reyes", "priya.nair"}
    assert any(text.startswith("an owner tag that names a person") for text in one["next"])


REFUSED = [
    (["pos-bridge"], "one of --owner and --not-owner"),
    (["pos-bridge", "--owner", "dana.reyes", "--not-owner", "dana.reyes"], "one of --owner"),
    (["pos-bridge", "--owner", "dana.reyse"], "did you mean dana.reyes?"),
    (["pos-bridge", "--owner", "tom.becker"], "tom.becker has left since"),
    (["pos-bridge", "--owner", "cloud-ops"], "cloud-ops is a team"),
    (["pos-bridge", "--owner", "uma.lindqvist"], "it names nobody in the roster"),
    (["pos-bridge", "--owner", "dana.reyes", "--until", "2026-10-31"], "is past"),
    (["pos-bridge", "--owner", "dana.reyes", "--until", "soon"], "not an ISO 8601 date"),
    (["pos-bridg", "--owner", "dana.reyes"], "did you mean pos-bridge?"),
]


def test_what_is_refused_writes_nothing(asked: Project) -> None:
    before = asked.store.read_bytes()
    for arguments, problem in REFUSED:
        done = asked.run("attest", *arguments, now=LATER)
        assert done.returncode == 2, arguments
        assert problem in done.stderr, arguments
    assert asked.store.read_bytes() == before


def test_a_register_with_problems_is_refused_whole(asked: Project) -> None:
    (asked.path / "owners.csv").write_text(
        "identity,owner,role,signal,observed_at\n"
        "pos-bridge,dana.reyes,,,\n"
        "pos-brige,dana.reyes,,,\n"
        "pos-bridge,dana.rayes,,,\n"
        "pos-bridge,priya.nair,owner,S99,yesterday\n"
        "pos-bridge,priya.nair,,S1,2027-01-01\n"
        ",,,,\n"
        "pos-bridge,,,,\n"
        "pos-bridge,dreyes,,,\n"
    )
    done = asked.run("import", "owners", "owners.csv", now=LATER)
    assert done.returncode == 2
    told = [line.removeprefix("error: ") for line in done.stderr.splitlines()]
    assert told == [
        "owners.csv:3: identity: no identity named 'pos-brige'; did you mean pos-bridge?",
        "owners.csv:4: owner: no party 'dana.rayes' for tenant acme-dental: it names nobody in the"
        " roster; did you mean dana.reyes?",
        "owners.csv:5: signal: 'S99' is not known; did you mean 'S9'?",
        "owners.csv:5: role: 'owner' is not known; known: accountable, operator, backup",
        "owners.csv:5: observed_at: 'yesterday' is not a date like 2026-05-31",
        "owners.csv:6: signal: S1 is not for import: `nhiscan attest` records those",
        "owners.csv:6: observed_at: 2027-01-01 is still to come",
        "owners.csv:8: owner: is empty",
        "owners.csv:9: says again what line 2 says",
        "hint: nothing was imported; mend the file and import it again",
    ]
    assert rows(asked, "SELECT count(*) FROM ownership_claims WHERE evidence = 'owners.csv'") == [
        (0,)
    ]


def test_a_register_declares_and_is_idempotent(asked: Project) -> None:
    [(native_id,)] = rows(asked, "SELECT native_id FROM identities WHERE name = 'legacy-ftp'")
    (asked.path / "owners.csv").write_text(
        "identity,owner,role,evidence,origin\n"
        f"{native_id},priya.nair@acme.example,,row 7,cmdb\n"
        f"{native_id},dreyes,backup,row 7,cmdb\n"
    )
    done = asked.run("import", "owners", "owners.csv", now=LATER)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "2 claims read, 2 new or changed"
    assert status_of(asked, "legacy-ftp")[:2] == ("declared", "priya.nair")
    claims = "FROM ownership_claims_history WHERE evidence = 'row 7' ORDER BY ALL"
    before = rows(asked, claims)
    assert [claim[3] for claim in before] == ["S2", "S2"]
    again = asked.run("import", "owners", "owners.csv", now="2026-11-09T07:00:00+00:00")
    assert again.stderr.splitlines()[-1] == "2 claims read, 0 new or changed"
    assert rows(asked, claims) == before
    [one] = json.loads(asked.run("why", "legacy-ftp", "--format", "json").stdout)
    assert one["verdict"]["backup"]["party_id"] == "dana.reyes"
    assert one["verdict"]["backup_basis"] == "named as backup"


def test_a_leaver_in_the_roster_is_concluded_without_a_scan(asked: Project) -> None:
    roster = asked.path / "rosters" / "clients.csv"
    held = rows(asked, "SELECT name FROM identities WHERE owner_id = 'priya.nair'")
    assert held
    text = roster.read_text()
    line = next(line for line in text.splitlines() if line.startswith("priya.nair,"))
    roster.write_text(text + line.replace(",active,,", ",left,2026-10-31,") + "\n")
    done = asked.run("resolve", now=LATER)
    assert done.returncode == 0, done.stderr
    assert rows(asked, "SELECT count(*) FROM identities WHERE owner_id = 'priya.nair'") == [(0,)]
    [(employment, since)] = rows(
        asked, "SELECT employment, since::VARCHAR FROM parties WHERE party_id = 'priya.nair'"
    )
    assert (employment, since) == ("left", "2026-10-31")


def test_a_stale_roster_weakens_and_says_so(asked: Project) -> None:
    sure = rows(
        asked,
        "SELECT identity_id, owner_confidence FROM identities WHERE owner_id = 'dana.reyes'"
        " AND owner_status = 'declared' ORDER BY identity_id LIMIT 1",
    )
    os.utime(asked.path / "rosters" / "clients.csv", (1_780_000_000, 1_780_000_000))
    done = asked.run("resolve", now=LATER)
    text = "last written 2026-05-28, over 7 days ago"
    assert f"warning: rosters/clients.csv: {text}" in done.stderr
    [(identity, confidence)] = sure
    [(now,)] = rows(
        asked, "SELECT owner_confidence FROM identities WHERE identity_id = ?", identity
    )
    assert now == pytest.approx(confidence * 0.9, abs=0.006)
    assert f"not sure     roster: {text}" in asked.run("explain", identity, now=LATER).stdout
    orphans = rows(
        asked,
        "SELECT DISTINCT f.status, list_contains(f.unread, ?) FROM findings f"
        " JOIN identities i USING (identity_id)"
        " WHERE f.rule = 'OWN-02' AND i.last_known_owner_id = 'tom.becker'",
        f"roster: {text}",
    )
    assert orphans == [("open", True)]
    fresh = rows(
        asked,
        "SELECT DISTINCT len(f.unread) FROM findings f JOIN identities i USING (identity_id)"
        " WHERE f.rule = 'OWN-02' AND i.last_known_owner_id = 'rina.patel'",
    )
    assert fresh == [(0,)]


def test_why_scores_as_the_resolver_does(scanned: Project) -> None:
    from nhiscan.ownership.why import why

    with open_reader(scanned.store) as con:
        found = con.execute(
            "SELECT identity_id, owner_id, owner_confidence FROM identities"
            " WHERE owner_status IN ('declared', 'inferred', 'suggested', 'team_only')"
        ).fetchall()
        assert len(found) > 50
        for identity, owner, confidence in found:
            people = why(con, identity, NOW)["people"]
            score = next(p["score"] for p in people if p["party_id"] == owner)
            assert score == pytest.approx(confidence, abs=0.006)


def test_nothing_can_be_answered_before_a_scan(project: Project) -> None:
    for arguments in (("resolve",), ("attest", "x", "--owner", "dana.reyes"), ("why", "x")):
        done = project.run(*arguments)
        assert done.returncode == 2
        assert "no store is there yet" in done.stderr

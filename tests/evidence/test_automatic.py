"""Evidence that scans make by themselves: whole or telling what it lacks, never by half."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from nhiscan import plugins
from nhiscan.config.load import load
from nhiscan.evidence.automatic import Made, collect
from nhiscan.evidence.verify import verify
from nhiscan.scan.resolve import resolve
from nhiscan.store.read import open_reader
from nhiscan.store.revision import Revision, revise
from tests.conftest import Project as Sample
from tests.evidence.conftest import Project
from tests.queries import estate

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

DENIED = f"aws:{estate.ACME} {estate.DETAILS} (global): denied, AccessDenied"


def account() -> estate.Unit:
    unit = estate.Unit(tenant="acme", account=estate.ACME)
    unit.identity("robot")
    unit.credential("robot", "k1")
    unit.identity("drone")
    return unit


def scan(
    project: Project, day: float, unit: estate.Unit, denied: Collection[str] = ()
) -> list[Made]:
    """Do what a scan does with one account, but for judging."""
    with revise(project.store, estate.ago(-day)) as revision:
        return scanned_into(revision, project, unit, denied)


def scanned_into(
    revision: Revision, project: Project, unit: estate.Unit, denied: Collection[str] = ()
) -> list[Made]:
    config = load(project.path / "nhiscan.yaml")
    revision.declare("aws", plugins.provider("aws").sources())
    estate.merge(revision, project.path, unit, denied)
    revision.settle()
    resolve(revision, config, revision.at)
    revision.settle()
    return collect(revision, project.store, config, ["acme", "granite"], "nhiscan scan s")


def entries(project: Project, kind: str) -> list[dict[str, Any]]:
    with open_reader(project.store) as con:
        result = con.execute("SELECT * FROM evidence WHERE kind = ? ORDER BY seq", [kind])
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def kept(store: Path, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the file of an entry, which must be what the entry says."""
    data = (store.with_name(f"{store.name}.evidence") / entry["path"]).read_bytes()
    assert sha256(data).hexdigest() == entry["sha256"]
    return [json.loads(line) for line in data.splitlines()]


def test_a_whole_scan_gives_a_population_whose_totals_agree(project: Project) -> None:
    made = scan(project, 0, account())
    # a client without a control matrix owes no evidence
    assert [(m.tenant_id, m.kind, m.rows, m.incomplete) for m in made] == [
        ("acme", "population", 2, [])
    ]
    [entry] = entries(project, "population")
    head, *rows = kept(project.store, entry)
    assert head == {"kind": "population", "tenant_id": "acme", "rows": 2, "not_read_whole": []}
    assert {row["name"] for row in rows} == {"robot", "drone"}
    assert entry["row_count"] == 2
    totals = json.loads(entry["control_totals"])
    assert (totals["in_file"], totals["in_store"], totals["by_sources"]) == (2, 2, 2)
    [source] = totals["sources"]
    assert (source["source"], source["state"], source["identities"]) == (
        estate.DETAILS, "complete", 2,
    )  # fmt: skip


def test_an_incomplete_scan_says_so_in_the_file_and_in_the_entry(project: Project) -> None:
    scan(project, 0, account())
    scan(project, 1, account(), [estate.DETAILS])
    first, second = entries(project, "population")
    assert first["incomplete"] == []
    assert second["incomplete"] == [DENIED]
    head, *rows = kept(project.store, second)
    assert head["not_read_whole"] == [DENIED]
    # what was there stays in it: a denied read deletes nothing
    assert len(rows) == 2
    states = {s["source"]: s["state"] for s in json.loads(second["control_totals"])["sources"]}
    assert states == {estate.DETAILS: "denied"}


def test_what_a_read_showed_that_was_not_made_again_is_a_gap(project: Project) -> None:
    unit = account()
    unit.identity("vault", "secret", source=estate.SECRETS, region="eu-west-1")
    [made] = scan(project, 0, unit)
    assert made.rows == 3
    assert made.incomplete == [
        f"aws:{estate.ACME} {estate.SECRETS} (eu-west-1): not asked at the last scan"
    ]


def test_the_same_content_is_one_file_and_every_scan_has_its_entry(project: Project) -> None:
    scan(project, 0, account())
    scan(project, 1, account())
    first, second = entries(project, "population")
    assert first["path"] == second["path"]
    assert first["evidence_id"] != second["evidence_id"]
    more = account()
    more.identity("third")
    scan(project, 2, more)
    assert entries(project, "population")[2]["path"] != first["path"]


def test_what_went_is_recorded_as_the_check_of_a_revocation(project: Project) -> None:
    scan(project, 0, account())
    assert entries(project, "revocation_check") == []
    less = estate.Unit(tenant="acme", account=estate.ACME)
    less.identity("robot", enabled=False)
    scan(project, 1, less)
    [entry] = entries(project, "revocation_check")
    ended = {(row["what"], row["name"], row["state"]) for row in kept(project.store, entry)[1:]}
    assert ended == {
        ("identity", "drone", "gone"),
        ("identity", "robot", "disabled"),
        ("credential access_key", "…k1", "gone"),
    }


def test_a_denied_read_is_no_check_of_a_revocation(project: Project) -> None:
    scan(project, 0, account())
    gone = estate.Unit(tenant="acme", account=estate.ACME)
    scan(project, 1, gone, [estate.DETAILS, estate.REPORT])
    assert entries(project, "revocation_check") == []


def test_a_scan_that_fails_after_writing_the_file_leaves_no_entry(project: Project) -> None:
    scan(project, 0, account())

    def fail() -> None:
        with revise(project.store, estate.ago(-1)) as revision:
            more = account()
            more.identity("third")
            scanned_into(revision, project, more)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert len(entries(project, "population")) == 1
    with open_reader(project.store) as con:
        verdict = verify(con, project.store, None)
    assert verdict.broken == []
    # the file is there, and is named by nobody
    assert len(verdict.strays) == 1


def test_killed_at_any_time_only_whole_evidence_is_accepted(project: Project) -> None:
    scan(project, 0, account())
    command = [str(Path(sys.executable).with_name("nhiscan")), "evidence", "collect"]
    for delay in delays():
        process = subprocess.Popen(  # noqa: S603 our own command
            command, cwd=project.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with open_reader(project.store) as con:
            assert verify(con, project.store, None).broken == []
        for entry in entries(project, "population"):
            assert len(kept(project.store, entry)) == entry["row_count"] + 1


def delays() -> Iterator[float]:
    """Spread kills over a run, whatever this machine takes for one."""
    yield from (0.3, 0.7, 1.1, 1.6, 2.2)


def test_the_sample_scan_records_populations_that_a_verifier_accepts(scanned: Sample) -> None:
    told = json.loads(scanned.run("evidence", "list", "--format", "json").stdout)
    populations = {row["tenant_id"]: row for row in told if row["kind"] == "population"}
    with open_reader(scanned.store) as con:
        counted = dict(
            con.execute("SELECT tenant_id, count(*) FROM identities GROUP BY tenant_id").fetchall()
        )
        owing = {r[0] for r in con.execute("SELECT tenant_id FROM control_instances").fetchall()}
    assert set(populations) == owing
    for tenant, row in populations.items():
        assert row["row_count"] == counted[tenant]
        assert kept(scanned.store, row)[0]["not_read_whole"] == row["incomplete"]
    # granite-europe refuses one source on purpose
    assert any("denied" in gap for gap in populations["granite"]["incomplete"])
    assert populations["acme-dental"]["incomplete"] == []
    verified = scanned.run("evidence", "verify")
    assert verified.returncode == 0, verified.stdout

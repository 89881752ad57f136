"""The same period reported twice gives the same bytes, whatever the clock says."""

import csv
import hashlib
import json
from pathlib import Path

import pytest

from tests.conftest import Project as Estate
from tests.evidence.conftest import Project
from tests.pack.conftest import tree, unpacked

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["audit", "monthly", "client"])
def test_another_day_gives_the_same_bytes(ledger: Project, kind: str) -> None:
    options = ("--tenant", "acme", "--period", "2026-Q4")
    ledger.run("report", kind, *options, "--to", "a", now="2026-11-02T08:00:00Z", code=3)
    ledger.run("report", kind, *options, "--to", "b/c", now="2031-03-04T23:59:59Z", code=3)
    one, two = tree(ledger.path / "a"), tree(ledger.path / "b/c")
    assert one == two
    assert len(one) > 30


def test_a_scanned_estate_gives_the_same_bytes(scanned: Estate, tmp_path: Path) -> None:
    for day, name in (("2026-11-02", "a"), ("2027-11-02", "b")):
        options = ("--tenant", "acme-dental", "--period", "2026-11", "--to", str(tmp_path / name))
        done = scanned.run("report", "audit", *options, now=f"{day}T00:00:00Z")
        assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def rows(pack: Path, name: str) -> list[dict[str, str]]:
    with (pack / f"tables/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_population_with_gaps_says_so_wherever_it_is_read(
    scanned: Estate, tmp_path: Path
) -> None:
    pack = tmp_path / "granite"
    options = ("--tenant", "granite", "--period", "2026-11", "--to", str(pack))
    done = scanned.run("report", "audit", *options)
    assert done.returncode == 3
    files = unpacked(tree(pack))
    manifest = json.loads(files["manifest.json"])
    gap = "aws:920000000003 secretsmanager.secrets (us-east-1): denied"
    assert manifest["is_complete"] is False
    assert any(text.startswith(gap) for text in manifest["not_read_whole"])
    assert gap.encode() in files["README.txt"]
    assert b"INCOMPLETE: 5 sources" in files["tables/01-population.csv.notes.txt"]
    assert files["pack.html"].count(b"INCOMPLETE: 5 sources") == len(manifest["sections"])
    texts = [data for path, data in files.items() if path.startswith("pack.xlsx!")]
    assert any(b"01-population" in data and b"INCOMPLETE: 5 sources" in data for data in texts)
    verdicts = {row["account_id"]: row["verdict"] for row in rows(pack, "01-totals")}
    assert verdicts["aws:920000000003"] == "unknown"
    assert verdicts["aws:920000000002"] == "agree"
    results = {row["result"] for row in rows(pack, "27-results")}
    assert "no exception in what was read" in results
    assert "no exception" not in results


def test_a_period_in_which_nothing_was_read_is_incomplete(scanned: Estate, tmp_path: Path) -> None:
    pack = tmp_path / "acme"
    options = ("--tenant", "acme-dental", "--period", "2026-Q3", "--to", str(pack))
    assert scanned.run("report", "audit", *options).returncode == 3
    assert rows(pack, "01-population") == []
    told = (pack / "README.txt").read_text("utf-8")
    assert "aws:910000000002 was not read within the period" in told
    assert {row["verdict"] for row in rows(pack, "01-totals")} == {"unknown"}
    assert {row["calls"] for row in rows(pack, "01-totals")} == {""}


def test_totals_and_samples_can_be_made_again(scanned: Estate, tmp_path: Path) -> None:
    pack = tmp_path / "acme"
    options = ("--tenant", "acme-dental", "--period", "2026-11", "--to", str(pack))
    done = scanned.run("report", "audit", *options, "--samples", "7", "--seed", "x7")
    assert done.returncode == 0, done.stderr
    population = [row["identity_id"] for row in rows(pack, "01-population")]
    assert len(population) > 50
    ranked = sorted(population, key=lambda i: hashlib.sha256(f"x7:{i}".encode()).hexdigest())
    assert [row["identity_id"] for row in rows(pack, "30-sample")] == ranked[:7]
    totals = rows(pack, "01-totals")
    assert sum(int(row["identities_listed"]) for row in totals) == len(population)
    manifest = json.loads((pack / "manifest.json").read_bytes())
    for section in manifest["sections"]:
        with (pack / section["file"]).open(encoding="utf-8", newline="") as file:
            assert len(list(csv.reader(file))) == section["rows"] + 1
        if "query_sha256" in section:
            sql = pack / section["file"].replace("tables", "queries").replace(".csv", ".sql")
            text = sql.read_text("utf-8")
            body = text[text.index("\n") + 1 :]
            while body.startswith("-- $"):
                body = body[body.index("\n") + 1 :]
            found = hashlib.sha256(body.removesuffix("\n").encode()).hexdigest()
            assert found == section["query_sha256"]

"""What the page is given is what the views say, and a client's page names no other client."""

import base64
import gzip
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nhiscan.config.load import load
from nhiscan.estate.gather import Order, gather
from nhiscan.store.read import open_reader
from nhiscan.table import Table
from tests.conftest import Project

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
COUNTS = {
    "clients": "SELECT count(*) FROM tenants",
    "findings": "SELECT count(*) FROM findings WHERE status <> 'resolved'",
    "identities": "SELECT count(*) FROM identities",
    "credentials": "SELECT count(*) FROM credentials WHERE identity_id IS NOT NULL",
    "trusts": "SELECT count(*) FROM trusts",
    "claims": "SELECT count(*) FROM ownership_claims",
    "controls": "SELECT count(*) FROM control_links WHERE state <> 'rejected'",
    "instances": "SELECT count(*) FROM control_instances",
    "shared": "SELECT count(*) FROM shared",
    "accounts": "SELECT count(*) FROM accounts",
    "coverage": "SELECT count(*) FROM latest_coverage"
    " WHERE state NOT IN ('complete', 'not_available')",
}


@pytest.fixture(scope="session")
def config(scanned: Project) -> Path:
    return scanned.config


def tables(config: Path, tenant: str | None = None) -> dict[str, Table]:
    read = load(config)
    with open_reader(read.store) as con:
        found = gather(con, read.store, read, Order(tenant=tenant, now=NOW))
    return {table.name: table for table in found}


def test_every_table_is_its_view(config: Path) -> None:
    found = tables(config)
    with open_reader(load(config).store) as con:
        for name, sql in COUNTS.items():
            row = con.execute(sql).fetchone()
            assert row is not None
            assert len(found[name].rows) == row[0], name
            assert row[0] > 0, name


def test_owner_coverage_adds_up_to_the_identities(config: Path) -> None:
    clients = tables(config)["clients"]
    kinds = clients.columns[clients.columns.index("attested") : -2]
    for row in clients.rows:
        one = dict(zip(clients.columns, row, strict=True))
        assert sum(one[kind] for kind in kinds) == one["identities"]


def test_a_clients_tables_hold_its_rows_alone(config: Path) -> None:
    found = tables(config, "acme-dental")
    for name in ("findings", "identities", "instances", "coverage", "accounts"):
        column = found[name].columns.index("tenant_id")
        assert {row[column] for row in found[name].rows} <= {"acme-dental", "acme-labs"}, name
    assert len(found["identities"].rows) > 50


def test_the_page_of_a_client_names_no_other(scanned: Project, tmp_path: Path) -> None:
    target = tmp_path / "acme.html"
    done = scanned.run("report", "html", "--tenant", "acme-dental", "-o", str(target))
    assert done.returncode == 0, done.stderr
    page = target.read_text()
    said = page + "".join(
        gzip.decompress(base64.b64decode(coded)).decode()
        for coded in re.findall(r'type="text/plain" id="[^"]+">([^<]+)<', page)
    )
    for word in ("granite", "juniper", "harbor", "lakeside", "brightharbor"):
        assert word not in said.lower()
    assert "Acme Dental" in said
    assert oct(target.stat().st_mode)[-3:] == "600"


def test_the_command_says_what_was_not_read_and_writes_the_same_again(
    scanned: Project, tmp_path: Path
) -> None:
    pages = []
    for name in ("one.html", "two.html"):
        done = scanned.run("report", "html", "-o", str(tmp_path / name))
        assert done.returncode == 3, done.stderr
        assert "not read whole" in done.stderr
        assert done.stdout == f"{tmp_path / name}\n"
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]


def test_an_unknown_client_is_refused(scanned: Project, tmp_path: Path) -> None:
    done = scanned.run("report", "html", "--tenant", "acme-dentl", "-o", str(tmp_path / "x"))
    assert done.returncode == 2
    assert "acme-dental" in done.stderr
    assert not (tmp_path / "x").exists()

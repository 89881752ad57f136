"""Promises of the whole program, kept on the sample estate from configuration to output."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nhiscan import plugins
from nhiscan_sandbox.sandbox import Sandbox


def _tables(store: Path) -> dict[str, list[tuple[object, ...]]]:
    """Read every base table of a store, rows in order."""
    with duckdb.connect(str(store), read_only=True) as con:
        names = [
            row[0]
            for row in con.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        ]
        return {name: con.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names}


def _copy(scanned: Any, folder: Path) -> Any:
    """Copy a scanned project, so that a test may change its store."""
    target = folder / "project"
    shutil.copytree(scanned.path, target)
    return type(scanned)(target, target / "nhiscan.yaml", scanned.environment)


def test_no_secret_is_in_store_spool_or_output(
    scanned: Any, shared_sandbox: Sandbox, tmp_path: Path
) -> None:
    project = _copy(scanned, tmp_path)
    collected = project.run("collect", "--tenant", "acme-dental", "-o", "spool")
    assert collected.returncode == 0, collected.stderr
    spools = sorted((project.path / "spool").glob("*.gz"))
    assert spools
    texts = [gzip.decompress(path.read_bytes()).decode() for path in spools]
    texts += [str(_tables(project.store)), project.store.read_bytes().decode("latin-1")]
    texts += [collected.stdout, collected.stderr]
    for command in (
        ["gaps", "--format", "jsonl"],
        ["query", "inventory", "--format", "json"],
        ["status", "--all", "--format", "csv"],
        ["explain", "deploy-bot"],
    ):
        told = project.run(*command)
        assert told.stdout
        texts += [told.stdout, told.stderr]

    found = [canary for canary in shared_sandbox.canaries for text in texts if canary in text]

    assert shared_sandbox.canaries
    assert found == []


def test_the_same_estate_scanned_again_writes_no_history(
    scanned: Any, shared_sandbox: Sandbox, tmp_path: Path
) -> None:
    project = _copy(scanned, tmp_path)
    before = _tables(project.store)
    shared_sandbox.reset()

    again = project.run("scan")

    assert again.returncode == 3, again.stderr  # granite-europe refuses one source on purpose
    after = _tables(project.store)
    history = [name for name in before if name.endswith("_version")]
    assert {name: len(before[name]) for name in history} == {
        name: len(after[name]) for name in history
    }
    assert len(before["finding_version"]) > 100


def test_a_scan_reads_only_and_calls_nothing_but_what_it_prints(
    sandbox: Sandbox, project: Any
) -> None:
    adapter = plugins.provider("aws")
    printed = {
        permission
        for source in adapter.sources()
        for call in source.calls
        for permission in call.permissions
    }

    project.run("scan", "--tenant", "acme-dental")

    assert len(sandbox.log) > 20
    assert sandbox.log.writes() == []
    # the others' permissions: tests/providers/azure/test_permissions.py, tests/providers/gcp
    microsoft = {"entra", "graph", "arm"}
    services = {call.service for call in sandbox.log}
    assert services & microsoft
    assert sandbox.log.permissions(*(services - microsoft)) <= printed


@pytest.mark.parametrize("name", ["backup"])
def test_namesakes_of_two_clients_share_nothing(
    scanned: Any, name: str, run_sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    rows = run_sql(
        "SELECT identity_id, tenant_id, account_id, native_id FROM identities WHERE name = ?", name
    )
    assert len(rows) >= 2
    for column in range(4):
        assert len({row[column] for row in rows}) == len(rows)
    ids = [row[0] for row in rows]
    assert run_sql("SELECT * FROM reach WHERE list_contains(?, identity_id)", ids) == []
    assert (
        run_sql(
            "SELECT * FROM trusts WHERE list_contains($1, identity_id)"
            " AND list_contains($1, principal_identity_id)",
            ids,
        )
        == []
    )


@pytest.fixture
def run_sql(scanned: Any) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a function that asks the scanned store."""

    def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(scanned.store), read_only=True) as con:
            return con.execute(sql, list(values)).fetchall()

    return ask

"""The estate, read once whole and once again with each source denied."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nhiscan.config.model import Policy
from nhiscan.sql import library
from nhiscan.sql.run import run
from nhiscan.store.read import open_reader
from nhiscan.store.revision import Revision, revise
from tests.queries import conclusions, estate

Rows = list[dict[str, Any]]
Ask = Callable[..., Rows]


def asker(store: Path) -> Ask:
    """Return a function that runs a query of the library on a store and gives rows as dicts."""

    def ask(name: str, **params: str) -> Rows:
        query = library.get(name)
        values = query.values(params, msgspec.structs.asdict(Policy()), estate.NOW)
        con = open_reader(store)
        try:
            table = run(con, query.sql, values)
        finally:
            con.close()
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    return ask


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[frozenset[str]], Path]:
    """Return the estate's store after a whole scan and, if anything is denied, one without it."""
    made: dict[frozenset[str], Path] = {}

    def store(denied: frozenset[str] = frozenset()) -> Path:
        if denied not in made:
            folder = tmp_path_factory.mktemp("estate")
            path = folder / "nhiscan.duckdb"
            units = [estate.acme(), estate.beta(), estate.msp()]
            scans = [frozenset[str](), *([denied] if denied else [])]
            for number, refused in enumerate(scans):
                at = estate.NOW + timedelta(hours=number)
                with revise(path, at) as revision:
                    conclusions.scan(revision, folder, units, denied=refused)
                    revision.record_scan(
                        scan_id=f"scan-{number}",
                        kind="scan",
                        finished_at=at,
                        tenants=["acme", "beta", "northwind"],
                        units=4,
                    )
            made[denied] = path
        return made[denied]

    return store


@pytest.fixture
def make() -> Callable[..., Path]:
    """Return a function that makes a store of given units; `extra` sources are denied to all.

    `also` gives further conclusions, by table, of what was merged.
    """

    def build(
        folder: Path,
        units: list[estate.Unit],
        extra: set[str] | None = None,
        also: Callable[[Revision], dict[str, Rows]] | None = None,
    ) -> Path:
        path = folder / "nhiscan.duckdb"
        with revise(path, estate.NOW) as revision:
            for unit in units:
                estate.merge(revision, folder, unit, extra or ())
            conclusions.conclude(revision, folder, units)
            for name, rows in (also(revision) if also else {}).items():
                conclusions.stage(revision, folder, name, rows)
        return path

    return build

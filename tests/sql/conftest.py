"""One small published store, and connections to it as the commands make them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nhiscan.store.read import open_reader
from tests.store.estate import REPORT, Store, day, read, role

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two scans; in the second, the credential report was refused."""
    store = Store(tmp_path_factory.mktemp("published"))
    store.scan(day(0), role("a"), role("b"), read(), read(REPORT))
    store.scan(day(1), role("a"), role("c"), read(), read(REPORT, "denied", reason="no permission"))
    return store.path


@pytest.fixture
def con(published: Path) -> "Iterator[DuckDBPyConnection]":
    with open_reader(published) as opened:
        yield opened

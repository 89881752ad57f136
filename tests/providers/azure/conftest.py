"""Directories of the sample estate, collected by the real SDKs over TLS on loopback."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import Struct, structs

from nhiscan.provider import Context, Secret, Unit
from nhiscan.records import AnyRecord, Coverage
from nhiscan_providers.azure import Azure
from nhiscan_providers.azure.options import Options
from nhiscan_providers.azure.patience import Patience
from nhiscan_sandbox.sandbox import Sandbox

NOW = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
APP = "90000000-0000-4000-8000-0000000000aa"
NORTHWIND = "90000000-0000-4000-8000-000000000001"
ACME = "91000000-0000-4000-8000-000000000001"
GRANITE = "92000000-0000-4000-8000-000000000001"
JUNIPER = "94000000-0000-4000-8000-000000000001"
# Real waiting is no matter of these tests.
QUICK = Patience(attempts=4, pause=0.01, longest_wait=0.05, connect=2.0, read=20.0)
# Gives up at once: for faults that last.
HASTY = structs.replace(QUICK, attempts=2)


class Collected(Struct, frozen=True):
    """What one directory yielded: its rows, and its coverage by source."""

    rows: list[AnyRecord]
    coverage: dict[str, Coverage]

    def of(self, kind: type) -> list[Any]:
        """List the rows of one kind."""
        return [row for row in self.rows if isinstance(row, kind)]

    def named(self, name: str) -> Any:
        """Find the one identity of a name that is no part of another."""
        from nhiscan.records import Identity

        [found] = [one for one in self.of(Identity) if one.name == name and one.part_of is None]
        return found

    def gaps(self) -> dict[str, str]:
        """Tell the state of every source that was not read whole."""
        whole = ("complete", "not_available")
        return {one.source: one.state for one in self.coverage.values() if one.state not in whole}


@pytest.fixture
def directory_options(sandbox: Sandbox) -> Iterator[Callable[..., Options]]:
    """Make the options of an entry for one directory of the sample."""
    name = "NHISCAN_TEST_SECRET"
    os.environ[name] = sandbox.azure.secret(APP)

    def make(directory: str = ACME, **more: Any) -> Options:
        given: dict[str, Any] = {
            "tenant_id": directory,
            "client_id": APP,
            "client_secret": Secret(f"env:{name}"),
            "endpoint": sandbox.azure_url,
            "ca": Secret(f"file:{sandbox.ca_file}"),
            "partner": directory == NORTHWIND,
        }
        return Options(**(given | more))

    yield make
    del os.environ[name]


@pytest.fixture
def collect(directory_options: Callable[..., Options]) -> Callable[..., Collected]:
    """Collect one directory as the scan does."""

    def run(directory: str = ACME, patience: Patience = QUICK, **more: Any) -> Collected:
        options = directory_options(directory, **more)
        unit = Unit(tenant_id="t", provider="azure", account=directory)
        context = Context(now=NOW, tenant_id="t", progress=lambda text: None)
        rows = list(Azure(patience).collect(options, unit, context))
        coverage = {row.source: row for row in rows if isinstance(row, Coverage)}
        assert len(coverage) == sum(isinstance(row, Coverage) for row in rows)
        return Collected([row for row in rows if not isinstance(row, Coverage)], coverage)

    return run

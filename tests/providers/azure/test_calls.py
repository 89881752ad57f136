"""How many calls a directory costs, and that asking for many at once loses nobody."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest

from nhiscan.provider import Context, Secret, Unit
from nhiscan.records import AnyRecord, Claim, Coverage
from nhiscan_providers.azure import Azure
from nhiscan_providers.azure.options import Options
from nhiscan_sandbox.estate.azure_model import Directory
from nhiscan_sandbox.estate.generated import Size, directory
from nhiscan_sandbox.estate.model import Estate
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import ACME, APP, NOW, QUICK, Collected

# The population that the domain notes reckon with: a thousand service principals.
THOUSAND = Size(applications=100, foreign=20, first_party=875, subscriptions=5)


@contextmanager
def served(one: Directory) -> Iterator[tuple[Sandbox, Options]]:
    name = "NHISCAN_TEST_GENERATED"
    with Sandbox(Estate(directories=(one,)), now=NOW) as sandbox:
        os.environ[name] = sandbox.azure.secret(APP)
        try:
            yield (
                sandbox,
                Options(
                    tenant_id=one.id,
                    client_id=APP,
                    client_secret=Secret(f"env:{name}"),
                    endpoint=sandbox.azure_url,
                    ca=Secret(f"file:{sandbox.ca_file}"),
                ),
            )
        finally:
            del os.environ[name]
        assert sandbox.crashes == []


def read(size: Size, *faults: Fault) -> tuple[list[AnyRecord], int]:
    """Collect a generated directory; return its rows and the calls, a batch counted as one."""
    one = directory(1, size, APP)
    with served(one) as (sandbox, options):
        sandbox.faults.set(list(faults))
        unit = Unit(tenant_id="t", provider="azure", account=one.id)
        context = Context(now=NOW, tenant_id="t", progress=lambda text: None)
        rows = list(Azure(QUICK).collect(options, unit, context))
        calls = [c for c in sandbox.log if not c.inner and c.service in ("graph", "arm")]
    coverage = {row.source: row.state for row in rows if isinstance(row, Coverage)}
    assert set(coverage.values()) <= {"complete", "not_available"}
    return rows, len(calls)


def test_a_thousand_principals_cost_sixty_calls_whatever_the_number_of_first_party_ones() -> None:
    rows, calls = read(THOUSAND)
    assert THOUSAND.principals == 1000
    assert calls <= 60
    more_rows, more_calls = read(msgspec.structs.replace(THOUSAND, first_party=4000))
    assert more_calls <= 60
    assert _plain(more_rows) == _plain(rows)


def test_a_thousand_applications_cost_few_more_and_their_list_tells_the_same() -> None:
    size = msgspec.structs.replace(THOUSAND, applications=1000)
    rows, calls = read(size)
    assert calls <= 70
    listed, more_calls = read(
        size,
        Fault(kind="error", status=400, operation="ListApplicationOwners", nth=(1,)),
        Fault(kind="error", status=400, operation="ListFederatedCredentials", nth=(1,)),
    )
    assert more_calls == calls + 20
    assert _plain(listed) == _plain(rows)


def _plain(rows: list[AnyRecord]) -> list[bytes]:
    told = [row for row in rows if not isinstance(row, Coverage)]
    return sorted(msgspec.json.encode(row, order="deterministic") for row in told)


@pytest.mark.parametrize(
    ("operation", "alone"),
    [("ListUsers", "GetUser"), ("ListServicePrincipalOwners", "ListServicePrincipalOwners")],
)
def test_whom_a_directory_does_not_tell_together_is_asked_alone(
    sandbox: Sandbox, collect: Callable[..., Collected], operation: str, alone: str
) -> None:
    whole, together = collect(), len(sandbox.log.of(alone, account=ACME))
    sandbox.log.clear()
    refused = Fault(kind="error", status=400, account=ACME, operation=operation, nth=(1,))
    sandbox.faults.set([refused])
    found = collect()
    assert len(sandbox.log.of(alone, account=ACME)) > together + 1
    assert found.gaps() == {}
    assert _plain(found.rows) == _plain(whole.rows)
    assert found.of(Claim)

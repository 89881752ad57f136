"""Accounts of the sample estate, planned and collected by the real SDK over loopback."""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from time import sleep
from typing import Any

import pytest
from msgspec import Struct, structs

from nhiscan.provider import Context, Plan
from nhiscan.records import AnyRecord, Coverage
from nhiscan_providers.aws import Aws
from nhiscan_providers.aws.options import Options
from nhiscan_providers.aws.wire import Patience
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox

NOW = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
EXTERNAL_IDS = {
    "900000000001": None,
    "900000000010": "northwind-resale-4d77",
    "910000000001": "acme-dental-7f3a",
    "910000000002": "acme-dental-7f3a",
    "920000000001": "granite-11c2",
    "920000000002": "granite-11c2",
    "940000000001": "juniper-66d0",
}
# Real waiting is the SDK's business; these tests look at what comes out.
QUICK = Patience(
    attempts=2,
    connect=2.0,
    read=30.0,
    again=2,
    pause=0.01,
    longest_pause=0.05,
    report_polls=4,
    report_pause=0.01,
    rates={"cloudtrail": 1.9},
    rate=2000.0,
)


# Gives up at once: for faults that last.
HASTY = structs.replace(QUICK, attempts=1, again=0)
# Waits a second for an answer: for servers that are slow.
PRESSED = structs.replace(QUICK, read=1.0, attempts=3)


class Collected(Struct, frozen=True):
    """What one unit yielded: its rows, and its coverage by source and region."""

    rows: list[AnyRecord]
    coverage: dict[tuple[str, str], Coverage]

    def of(self, kind: type) -> list[Any]:
        """List the rows of one kind."""
        return [row for row in self.rows if isinstance(row, kind)]

    def state(self, source: str, region: str = "global") -> str:
        """Tell how a source was read."""
        return self.coverage[source, region].state

    def identity(self, name: str) -> Any:
        """Find the one identity of a name."""
        found = [row for row in self.rows if getattr(row, "name", None) == name]
        assert len(found) == 1, (name, found)
        return found[0]

    def of_identity(self, name: str, kind: type) -> list[Any]:
        """List the rows of one kind that hang on the identity of a name."""
        key = self.identity(name).key
        owner = "key" if kind.__name__ in ("Usage", "Claim") else "identity"
        return [row for row in self.of(kind) if getattr(row, owner) == key]


class Estate:
    """Plans and collects entries whose endpoint is the sandbox."""

    def __init__(self, sandbox: Sandbox, adapters: dict[str, Aws]) -> None:
        self.sandbox = sandbox
        self._adapters = adapters

    @property
    def adapter(self) -> Aws:
        """The adapter itself."""
        return self._adapters["quick"]

    def options(self, account: str, **given: Any) -> Options:
        """Write an entry for an account; no creators unless asked for, which saves seconds."""
        entry = {
            "role_arn": f"arn:aws:iam::{account}:role/nhiscan",
            "external_id": EXTERNAL_IDS[account],
            "endpoint": self.sandbox.url,
            "regions": ("us-east-1",),
            "creators_pages": 0,
        }
        return Options(**{**entry, **given})

    def context(self, tenant: str = "acme") -> Context:
        """Make a context at the estate's moment."""
        return Context(now=NOW, tenant_id=tenant, progress=lambda text: None)

    def plan(self, account: str, tenant: str = "acme", **given: Any) -> Plan:
        """Plan the entry of an account."""
        return self._adapters["quick"].plan(self.options(account, **given), self.context(tenant))

    def collect(
        self,
        account: str = "910000000002",
        faults: Sequence[Fault] = (),
        *,
        patience: str = "quick",
        **given: Any,
    ) -> Collected:
        """Collect one account under faults; its plan is made without them."""
        aws, options = self._adapters[patience], self.options(account, **given)
        unit = next(u for u in aws.plan(options, self.context()).units if u.account == account)
        if options.creators_pages:
            sleep(1.0)  # the sandbox allows an account two lookups a second, whoever asked before
        self.sandbox.log.clear()
        self.sandbox.faults.set(faults)
        try:
            found = list(aws.collect(options, unit, self.context()))
        finally:
            self.sandbox.faults.clear()
        covered = [row for row in found if isinstance(row, Coverage)]
        keys = {(row.source, row.region): row for row in covered}
        assert len(keys) == len(covered), "a source and region has two coverage rows"
        return Collected([row for row in found if not isinstance(row, Coverage)], keys)


@pytest.fixture(scope="module")
def adapters(shared_sandbox: Sandbox) -> Iterator[dict[str, Aws]]:
    """Adapters with and without patience, and the scanner's session in their environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in shared_sandbox.environment.items():
            patch.setenv(name, value)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, os.devnull)
        patch.delenv("AWS_PROFILE", raising=False)
        yield {"quick": Aws(QUICK), "hasty": Aws(HASTY), "pressed": Aws(PRESSED)}


@pytest.fixture
def estate(sandbox: Sandbox, adapters: dict[str, Aws]) -> Estate:
    """The sample estate, ready to be planned and collected."""
    return Estate(sandbox, adapters)


@pytest.fixture
def collect(estate: Estate) -> Callable[..., Collected]:
    """Collect one account of the estate."""
    return estate.collect

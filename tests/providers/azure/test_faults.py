"""What goes wrong on the way: the same answer, or a gap that says so; never a token elsewhere."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import certifi
import msgspec
import pytest
from msgspec import structs

from nhiscan.provider import Secret
from nhiscan.records import Identity
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import ACME, APP, HASTY, QUICK, Collected

Collect = Callable[..., Collected]


def told(found: Collected) -> list[bytes]:
    return sorted(msgspec.json.encode(row, order="deterministic") for row in found.rows)


@pytest.mark.parametrize("service", ["graph", "arm", "entra"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "throttle"},
        {"kind": "throttle", "retry_after": 0.01},
        {"kind": "throttle", "retry_after": 3600.0},
        {"kind": "error", "status": 503},
        {"kind": "error", "status": 500},
        {"kind": "reset"},
        {"kind": "truncate"},
    ],
    ids=lambda given: "-".join(str(value) for value in given.values()),
)
def test_what_passes_changes_no_answer(
    sandbox: Sandbox, collect: Collect, service: str, fault: dict[str, Any]
) -> None:
    whole = collect()
    sandbox.faults.set([Fault(service=service, nth=(1, 4, 9, 14, 20, 27, 33), **fault)])
    started = monotonic()
    found = collect()
    assert monotonic() - started < 30
    assert found.gaps() == {}
    assert told(found) == told(whole)


def test_small_pages_give_the_same_answer_and_so_does_a_page_token_that_expires(
    sandbox: Sandbox, collect: Collect
) -> None:
    whole = collect()
    sandbox.azure.quirks.page_cap = 3
    assert told(collect()) == told(whole)
    sandbox.faults.set([Fault(kind="bad_marker", service="graph", nth=(1, 5))])
    assert told(collect()) == told(whole)


def test_a_link_to_another_host_is_not_followed_and_no_token_leaves(
    sandbox: Sandbox, collect: Collect
) -> None:
    sandbox.azure.quirks.page_cap = 3
    sandbox.faults.set([Fault(kind="foreign_link", service="graph"), Fault(kind="foreign_link")])
    found = collect()
    assert found.gaps()
    assert any("another host" in (one.reason or "") for one in found.coverage.values())
    assert not [call for call in sandbox.log if call.service == "elsewhere"]


def operations(sandbox: Sandbox, collect: Collect) -> list[tuple[str, str]]:
    collect()
    return sorted({(call.service, call.operation) for call in sandbox.log})


def test_every_call_denied_for_good_is_a_gap_and_never_an_absence(
    sandbox: Sandbox, collect: Collect
) -> None:
    for service, operation in operations(sandbox, collect):
        for kind in ("denied", "throttle", "reset"):
            sandbox.faults.set([Fault(kind=kind, service=service, operation=operation)])
            found = collect(patience=HASTY)
            assert found.gaps(), (service, operation, kind)
        sandbox.faults.clear()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("wrong", "secret is wrong"),
        ("expired", "secret has expired"),
        ("unknown", "not known in this directory"),
    ],
)
def test_a_refused_sign_in_says_why_and_reads_nothing(
    sandbox: Sandbox,
    collect: Collect,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    spoil: str,
    words: str,
) -> None:
    good = sandbox.azure.secret(APP)
    secret = {"wrong": "CANARY-wrong", "expired": sandbox.azure.expired_secret(APP)}
    monkeypatch.setenv("NHISCAN_TEST_SECRET", secret.get(spoil, good))
    more = {"client_id": "12345678-0000-4000-8000-000000000000"} if spoil == "unknown" else {}
    found = collect(**more)
    assert found.rows == []
    assert {one.state for one in found.coverage.values()} == {"denied"}
    assert words in (found.coverage["entra.token"].reason or "")
    assert "CANARY" not in caplog.text


def test_no_rights_in_azure_are_not_taken_for_no_azure(sandbox: Sandbox, collect: Collect) -> None:
    sandbox.azure.allow(ACME, APP)
    found = collect()
    assert found.coverage["arm.subscriptions"].state == "denied"
    assert "resource_manager: false" in (found.coverage["arm.subscriptions"].reason or "")
    workloads = {
        one.attributes["workload"] for one in found.of(Identity) if one.kind == "managed_identity"
    }
    assert workloads == {"unknown"}


def test_a_server_that_is_not_trusted_gets_nothing(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(Path(certifi.where()).read_bytes())
    found = collect(ca=Secret(f"file:{other}"), patience=HASTY)
    assert found.rows == []
    assert set(found.gaps().values()) == {"unreachable"}


def test_reports_are_slow_and_whole(sandbox: Sandbox, collect: Collect) -> None:
    """Five requests in ten seconds: what does not fit is asked again, when there is room."""
    whole = collect()
    sandbox.azure.quirks.reports_bucket = True
    found = collect(patience=structs.replace(QUICK, attempts=12, pause=0.5, longest_wait=4.0))
    assert found.gaps() == {}
    assert told(found) == told(whole)

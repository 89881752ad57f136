"""Faults do not change answers: equal rows, or a source that says it is incomplete."""

from collections.abc import Iterable
from typing import Any

import pytest

from nhiscan.records import Coverage
from nhiscan_sandbox.faults import Fault, FaultKind

PASSING: tuple[FaultKind, ...] = ("throttle", "error", "reset", "truncate", "expired")
LASTING: tuple[FaultKind, ...] = (*PASSING, "denied")
OPERATIONS = {
    "GetCallerIdentity": "sts.identity",
    "AssumeRole": "sts.identity",
    "GetAccountAuthorizationDetails": "iam.authorization_details",
    "GenerateCredentialReport": "iam.credential_report",
    "GetCredentialReport": "iam.credential_report",
    "ListServiceSpecificCredentials": "iam.service_specific_credentials",
    "ListAccessKeys": "iam.access_keys",
    "ListSSHPublicKeys": "iam.ssh_keys",
    "ListOpenIDConnectProviders": "iam.oidc_providers",
    "GetOpenIDConnectProvider": "iam.oidc_providers",
    "ListSAMLProviders": "iam.saml_providers",
    "GetSAMLProvider": "iam.saml_providers",
    "GetAccountSummary": "iam.account_summary",
    "GetAlternateContact": "account.contacts",
    "ListSecrets": "secretsmanager.secrets",
    "DescribeParameters": "ssm.parameters",
}


def _names(rows: list[Any], coverage: dict[tuple[str, str], Coverage]) -> set[tuple[str, str, str]]:
    """Name the rows of complete sources, by what they are about."""
    return {
        (type(row).__name__, row.source, row.key)
        for row in rows
        if coverage[row.source, row.region].state == "complete" and hasattr(row, "key")
    }


def _passes(estate: Any, kind: FaultKind, operations: Iterable[str]) -> None:
    undisturbed = estate.collect()
    for operation in operations:
        if operation == "AssumeRole" and kind == "expired":
            continue  # expired base credentials do not pass
        disturbed = estate.collect(faults=[Fault(kind=kind, operation=operation, nth=(1,))])
        assert disturbed.rows == undisturbed.rows, operation
        for key, row in disturbed.coverage.items():
            assert row.state == undisturbed.coverage[key].state, (operation, key)


@pytest.mark.parametrize("kind", PASSING)
def test_a_passing_fault_changes_nothing(estate: Any, kind: FaultKind) -> None:
    _passes(estate, kind, ("GetAccountAuthorizationDetails", "ListSecrets"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", PASSING)
def test_a_passing_fault_of_any_call_changes_nothing(estate: Any, kind: FaultKind) -> None:
    _passes(estate, kind, OPERATIONS)


@pytest.mark.parametrize("kind", LASTING)
def test_a_lasting_fault_is_told_and_hides_nothing_else(estate: Any, kind: FaultKind) -> None:
    undisturbed = estate.collect()
    for operation, source in OPERATIONS.items():
        lasting = Fault(kind=kind, operation=operation)
        disturbed = estate.collect(faults=[lasting], patience="hasty")
        assert disturbed.coverage.keys() == undisturbed.coverage.keys(), operation
        incomplete = {key for key, row in disturbed.coverage.items() if row.state != "complete"}
        assert source in {name for name, _ in incomplete}, operation
        told = {key: row.reason for key, row in disturbed.coverage.items() if key in incomplete}
        assert all(told.values()), operation
        # what is still called complete has every row that it had
        expected = {
            name
            for name in _names(undisturbed.rows, undisturbed.coverage)
            if name[1] not in {source for source, _ in incomplete}
        }
        assert _names(disturbed.rows, disturbed.coverage) >= expected, operation


def test_a_slow_answer_is_asked_for_again(estate: Any) -> None:
    undisturbed = estate.collect()
    slow = Fault(kind="slow", operation="GetAccountAuthorizationDetails", nth=(1,), seconds=1.5)
    assert estate.collect(faults=[slow], patience="pressed").rows == undisturbed.rows


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("denied", "denied"),
        ("throttle", "throttled"),
        ("error", "unreachable"),
        ("reset", "unreachable"),
        ("truncate", "unreachable"),
    ],
)
def test_the_state_names_the_fault(collect: Any, kind: FaultKind, state: str) -> None:
    found = collect(faults=[Fault(kind=kind, operation="ListSecrets")], patience="hasty")
    assert found.state("secretsmanager.secrets", "us-east-1") == state


def test_a_region_that_is_off_is_not_available(collect: Any) -> None:
    regions = ("us-east-1", "af-south-1")
    found = collect(regions=regions, faults=[Fault(kind="region_off", region="af-south-1")])
    assert found.state("secretsmanager.secrets", "us-east-1") == "complete"
    assert found.state("secretsmanager.secrets", "af-south-1") == "not_available"
    assert found.state("ssm.parameters", "af-south-1") == "not_available"


def test_an_expired_session_is_renewed_once(estate: Any) -> None:
    expired = Fault(kind="expired", operation="GetAccountSummary", nth=(1,))
    estate.collect(faults=[expired])
    assert len(estate.sandbox.log.of("AssumeRole")) == 2
    estate.collect(faults=[Fault(kind="expired", operation="GetAccountSummary")])
    assert len(estate.sandbox.log.of("AssumeRole")) == 2


def test_a_refused_role_leaves_every_source_unread(collect: Any) -> None:
    found = collect(faults=[Fault(kind="denied", operation="AssumeRole")])
    assert found.rows == []
    assert {row.state for row in found.coverage.values()} == {"denied"}
    assert "sts:AssumeRole is not allowed" in found.coverage["sts.identity", "global"].reason

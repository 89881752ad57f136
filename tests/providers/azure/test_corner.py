"""A directory with all that is rare: cut lists, roles through groups, several ways to sign in."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nhiscan.errors import ProviderError
from nhiscan.provider import Context, Secret
from nhiscan.records import AnyRecord, Claim, Coverage, Credential, Grant, Identity, Trust
from nhiscan_providers.azure import Azure
from nhiscan_providers.azure.options import Options
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import QUICK, Collected
from tests.sandbox.azure.conftest import CORNER, PLAIN, SCANNER, crowded

NOW = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
ONE = "c0000000-0000-4000-8000-000000000101"
_NAME = "NHISCAN_CORNER_SECRET"


@pytest.fixture(scope="module")
def corner() -> Iterator[Sandbox]:
    with Sandbox(crowded(), now=NOW) as running:
        os.environ[_NAME] = running.azure.secret(SCANNER)
        yield running
    del os.environ[_NAME]
    assert running.crashes == []


@pytest.fixture
def collect(corner: Sandbox) -> Callable[..., dict[str, Collected]]:
    """Plan an entry and collect its units, by directory."""
    corner.reset()

    def run(**more: Any) -> dict[str, Collected]:
        given: dict[str, Any] = {
            "tenant_id": CORNER,
            "client_id": SCANNER,
            "client_secret": Secret(f"env:{_NAME}"),
            "endpoint": corner.azure_url,
            "ca": Secret(f"file:{corner.ca_file}"),
        }
        options = Options(**(given | more))
        context = Context(now=NOW, tenant_id="corner", progress=lambda text: None)
        adapter = Azure(QUICK)
        found = {}
        for unit in adapter.plan(options, context).units:
            rows = list(adapter.collect(options, unit, context))
            coverage = {row.source: row for row in rows if isinstance(row, Coverage)}
            kept: list[AnyRecord] = [row for row in rows if not isinstance(row, Coverage)]
            found[unit.account] = Collected(kept, coverage)
        return found

    return run


Collect = Callable[..., dict[str, Collected]]


def test_a_list_of_owners_that_was_cut_is_completed(collect: Collect) -> None:
    found = collect()[CORNER]
    crowd = found.named("crowd")
    owners = {
        one.reference for one in found.of(Claim) if one.key == crowd.key and one.signal == "S4"
    }
    assert owners == {f"p{n}@corner.example" for n in range(25)}


def test_roles_are_held_directly_through_groups_by_eligibility_and_under_a_denial(
    collect: Collect,
) -> None:
    found = collect()[CORNER]
    robot = found.named("robot")
    grants = {
        (one.role, one.via, one.verdict) for one in found.of(Grant) if one.identity == robot.key
    }
    assert ("Global Reader", "directory role", "granted") in grants
    assert ("Directory Readers", "group, directory role", "scoped") in grants
    assert ("User Administrator", "eligible directory role", "scoped") in grants
    assert ("Watcher", "group, role assignment", "scoped") in grants
    assert ("Contributor", "eligible role assignment", "scoped") in grants
    # a deny assignment stands above the role of an owner
    assert ("Owner", "role assignment", "scoped") in grants
    plain = [one for one in found.of(Grant) if one.acts_as is None]
    assert {one.scope_account for one in plain if one.role == "Owner"} == {ONE}
    assert robot.privilege == "admin"


def test_rights_through_groups_that_were_not_read_leave_the_power_unknown(
    corner: Sandbox, collect: Collect
) -> None:
    before = collect()[CORNER].named("visitor").privilege
    corner.faults.set([Fault(kind="denied", operation="ListGroupMembers")])
    found = collect()[CORNER]
    corner.faults.clear()
    assert before == "none"
    assert found.coverage["graph.group_members"].state == "denied"
    assert found.named("visitor").privilege == "unknown"


def test_machines_that_own_something_could_become_it_and_outside_workloads_are_it(
    collect: Collect,
) -> None:
    found = collect()[CORNER]
    robot = found.named("robot")
    [part] = [one for one in found.of(Identity) if one.part_of == robot.key]
    machine = found.named("vm1")
    owned = [one for one in found.of(Grant) if one.acts_as == part.native_id]
    assert (machine.key, "owner", "new_credential") in {
        (one.identity, one.role, one.way) for one in owned
    }
    ways = [one for one in found.of(Trust) if one.identity == part.key]
    outside = [one for one in ways if one.principal_kind == "oidc"]
    assert [one.principal for one in outside] == ["issuer.example|repo:a/b"]


def test_federations_of_managed_identities_are_read(collect: Collect) -> None:
    found = collect()[CORNER]
    uami = found.named("uami")
    kinds = {one.kind for one in found.of(Credential) if one.identity == uami.key}
    assert "federated_trust" in kinds
    assert uami.attributes["workload"] == "present"


def test_sponsors_answer_for_agents_and_requesters_for_roles(collect: Collect) -> None:
    found = collect()[CORNER]
    helper = found.named("helper")
    assert (helper.kind, helper.class_) == ("ai_agent", "ai_agent")
    claims = {(one.key, one.signal): one.reference for one in found.of(Claim)}
    assert claims[helper.key, "S5"] == "bo@corner.example"
    assert claims[found.named("robot").key, "S13"] == "ada@corner.example"


def test_a_cloud_that_does_not_expand_federations_is_asked_for_each(
    corner: Sandbox, collect: Collect
) -> None:
    found = collect(map={PLAIN: "plain"})[PLAIN]
    assert found.coverage["graph.federated_credentials"].state == "complete"
    assert found.coverage["graph.agents"].state == "not_available"
    assert found.coverage["graph.eligible_roles"].state == "not_licensed"
    # neither directory-wide reading nor a role in Azure was granted there
    assert found.coverage["graph.delegated_grants"].state == "denied"
    assert found.coverage["arm.subscriptions"].state == "denied"


def test_one_credential_reads_every_directory_that_the_entry_maps(
    corner: Sandbox, collect: Collect
) -> None:
    found = collect(map={PLAIN: "plain"})
    assert set(found) == {CORNER, PLAIN}
    assert found[PLAIN].named("lone").home_account == PLAIN
    tokens = [call.account for call in corner.log if call.operation == "GetToken"]
    # one for Graph and one for Resource Manager in each directory
    assert sorted(tokens, key=str) == [CORNER, CORNER, PLAIN, PLAIN]


def _certificate(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "scanner")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "scanner.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(encoding))
    return file


@pytest.mark.parametrize("way", ["certificate", "federated_token", "environment"])
def test_every_way_to_sign_in_reads_the_same(
    corner: Sandbox,
    collect: Collect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    more: dict[str, Any] = {"client_secret": None}
    if way == "certificate":
        more[way] = Secret(f"file:{_certificate(tmp_path)}")
    elif way == "federated_token":
        (tmp_path / "token").write_text("e30.e30.e30")
        more[way] = Secret(f"file:{tmp_path / 'token'}")
    else:
        more["client_id"] = None
        monkeypatch.setenv("AZURE_TENANT_ID", CORNER)
        monkeypatch.setenv("AZURE_CLIENT_ID", SCANNER)
        monkeypatch.setenv("AZURE_CLIENT_SECRET", corner.azure.secret(SCANNER))
    found = collect(**more)[CORNER]
    assert found.gaps() == {}
    assert found.named("robot")


def test_a_certificate_that_is_none_is_told_without_its_text(
    collect: Collect, tmp_path: Path
) -> None:
    (tmp_path / "bad.pem").write_text("CANARY-not-a-certificate")
    with pytest.raises(ProviderError, match="certificate cannot be used") as raised:
        collect(client_secret=None, certificate=Secret(f"file:{tmp_path / 'bad.pem'}"))
    assert "CANARY" not in str(raised.value)

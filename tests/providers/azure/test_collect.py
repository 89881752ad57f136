"""What a scan of the sample's directories finds, and what it says of what it cannot read."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from nhiscan.records import Account, Claim, Credential, Grant, Identity, Trust, Usage
from nhiscan_providers.azure.calls import OPERATIONS
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import ACME, GRANITE, JUNIPER, NORTHWIND, Collected

Collect = Callable[..., Collected]


def test_everything_that_the_adapter_declares_is_told_of(collect: Collect) -> None:
    found = collect()
    assert found.gaps() == {}
    assert set(found.coverage) == {one.source for one in OPERATIONS}


def test_a_registration_is_part_of_its_principal_and_owners_claim_both(collect: Collect) -> None:
    found = collect()
    principal = found.named("Payroll Connector")
    [part] = [one for one in found.of(Identity) if one.part_of == principal.key]
    assert (part.kind, principal.kind) == ("app", "service_principal")
    assert part.attributes["app_id"] == part.immutable_id == principal.attributes["app_id"]
    assert principal.native_id == f"{ACME}/{principal.key}"
    owned = {one.key for one in found.of(Claim) if one.signal == "S4"}
    machine = found.named("Backup Broker")
    assert machine.key in owned


def test_every_grant_says_where_it_was_read_and_admins_are_admins(collect: Collect) -> None:
    found = collect()
    payroll = found.named("Payroll Connector")
    grants = [one for one in found.of(Grant) if one.identity == payroll.key]
    assert payroll.privilege == "admin"
    assert payroll.attributes["privilege_reason"]
    assert {one.source for one in grants} <= set(found.coverage)
    assert {one.via for one in grants} >= {"app role"}


def test_microsofts_own_are_counted_unless_they_carry_something(collect: Collect) -> None:
    found = collect()
    kept = [one for one in found.of(Identity) if one.attributes.get("origin") == "first_party"]
    assert "only counted" in (found.coverage["graph.service_principals"].reason or "")
    carrying = {one.identity for one in found.of(Credential)}
    holding = {one.identity for one in found.of(Grant)}
    assert kept
    assert all(one.key in carrying | holding for one in kept)
    assert all(one.class_ == "machine" for one in kept if one.key in carrying)


def test_a_saml_certificate_is_one_certificate(collect: Collect) -> None:
    found = collect()
    portal = found.named("Benefits Portal")
    kinds = [one.kind for one in found.of(Credential) if one.identity == portal.key]
    assert kinds == ["certificate"]


def test_disabled_guest_and_machine_owners_are_told_apart(collect: Collect) -> None:
    claims = [one for one in collect().of(Claim) if one.signal == "S4"]
    assert any(one.departed for one in claims)
    assert any("guest" in one.evidence for one in claims)
    assert any(one.by_machine for one in claims)
    followed = [one for one in claims if "a service principal that owns" in one.evidence]
    assert followed
    assert not any(one.by_machine for one in followed)


def test_who_owns_both_objects_is_told_of_both_lists(collect: Collect) -> None:
    claims = [one for one in collect().of(Claim) if one.signal == "S4"]
    both = [
        one
        for one in claims
        if "the app registration" in one.evidence and "the service principal" in one.evidence
    ]
    keys = [(one.key, one.reference, one.role) for one in claims]
    assert both
    assert len(keys) == len(set(keys))


def test_workloads_are_present_gone_or_unattached(collect: Collect) -> None:
    found = collect()
    states = {
        one.name: one.attributes["workload"]
        for one in found.of(Identity)
        if one.kind == "managed_identity"
    }
    assert set(states.values()) >= {"present", "gone", "unattached"}
    assert states["acme-old-vm"] == "gone"
    assert found.named("acme-deploy").tags


def test_a_grant_of_nobody_names_who_it_was(collect: Collect) -> None:
    found = [one for one in collect().of(Grant) if one.principal]
    assert found
    keys = {one.key for one in collect().of(Identity)}
    assert all(one.principal == one.identity and one.identity not in keys for one in found)


def test_delegations_are_identities_that_trust_their_partner(collect: Collect) -> None:
    found = collect()
    partners = {one.key: one for one in found.of(Identity) if one.kind == "delegation"}
    trusts = [one for one in found.of(Trust) if one.identity in partners]
    assert {one.identity for one in trusts} == set(partners)
    assert any(one.principal == NORTHWIND for one in trusts)
    own = collect(NORTHWIND)
    terms = [one for one in own.of(Credential) if one.kind == "delegation"]
    assert terms
    assert all(one.expires_at for one in terms)
    rights = [one for one in own.of(Grant) if one.via == "delegation"]
    assert {one.scope_account for one in rights} >= {ACME}


def test_a_directory_without_a_licence_has_its_identities_and_unknown_use(collect: Collect) -> None:
    found = collect(JUNIPER)
    assert set(found.gaps().values()) == {"not_licensed"}
    assert found.of(Identity)
    told = [one for one in found.of(Usage) if one.source == "graph.sign_ins"]
    assert told
    assert {one.usage for one in told} == {"unknown"}
    assert all("not_licensed" in (one.note or "") for one in told)


def test_subscriptions_are_accounts_of_the_directory(collect: Collect) -> None:
    accounts = {one.native_id: one for one in collect().of(Account)}
    assert accounts[ACME].name == "Acme Dental"
    others = [one for key, one in accounts.items() if key != ACME]
    assert others
    assert {one.organization for one in others} == {ACME}


@pytest.mark.parametrize("directory", [ACME, GRANITE, JUNIPER, NORTHWIND])
def test_no_secret_material_is_in_any_record(
    sandbox: Sandbox, collect: Collect, directory: str
) -> None:
    text = msgspec.json.encode(collect(directory).rows).decode()
    assert not [one for one in sandbox.canaries if one in text]
    assert "hint" not in text


def test_the_same_directory_read_twice_gives_the_same_rows(collect: Collect) -> None:
    def told(found: Collected) -> list[Any]:
        return sorted(msgspec.json.encode(row, order="deterministic") for row in found.rows)

    assert told(collect()) == told(collect())


def test_a_client_without_azure_is_not_asked_for_any(sandbox: Sandbox, collect: Collect) -> None:
    found = collect(resource_manager=False)
    assert found.gaps() == {}
    assert not [call for call in sandbox.log if call.service == "arm"]
    states = {
        one.attributes["workload"] for one in found.of(Identity) if one.kind == "managed_identity"
    }
    assert states == {"unknown"}

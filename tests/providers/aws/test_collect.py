"""What one account yields: rows from allow-listed fields, each counted for its source."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from nhiscan.records import Claim, Credential, Grant, Identity, Trust, Usage
from nhiscan_providers.aws import calls, policy
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox


def test_every_source_has_one_row_that_counts_its_rows(collect: Any) -> None:
    found = collect()
    of_accounts = {one.name for one in calls.sources() if not one.name.startswith("organizations.")}
    assert {source for source, _ in found.coverage} == of_accounts
    counted = Counter((row.source, row.region) for row in found.rows)
    assert {key: row.rows for key, row in found.coverage.items() if row.rows} == counted


def test_calls_are_few_and_counted(estate: Any) -> None:
    found = estate.collect()
    log = estate.sandbox.log
    assert sum(row.calls for row in found.coverage.values()) == len(log)
    assert len(log) - len(log.of("ListAccessKeys")) <= 20


def test_an_undisturbed_account_is_the_same_twice(collect: Any) -> None:
    assert collect().rows == collect().rows


def test_no_planted_secret_and_no_external_id_survives(sandbox: Sandbox, collect: Any) -> None:
    found = collect(creators_pages=6)
    text = msgspec.json.encode(found.rows).decode() + repr(found.coverage)
    assert len(found.of(Claim)) > 3
    assert [canary for canary in sandbox.canaries if canary in text] == []
    assert "acme-dental-7f3a" not in text
    assert "dd-acme-2b91" not in text


def test_a_user_has_its_key_with_last_use_and_four_characters(collect: Any) -> None:
    found = collect()
    (key,) = found.of_identity("deploy-bot", Credential)
    assert (key.kind, key.status) == ("access_key", "active")
    assert len(key.public_id) == 5
    assert len(key.fingerprint) == 64
    assert found.identity("deploy-bot").privilege == "admin"
    (usage,) = found.of_identity("deploy-bot", Usage)
    assert (usage.usage, usage.service, usage.used_region) == (
        "known",
        "cloudformation",
        "us-east-1",
    )


def test_two_keys_never_swap_their_ids(collect: Any) -> None:
    found = collect(key_ids="all")
    keys = found.of_identity("edge-sync", Credential)
    assert [key.key.rpartition("/")[2] for key in keys] == ["access_key_1", "access_key_2"]
    assert len({key.public_id for key in keys}) == 2


@pytest.mark.parametrize(("key_ids", "users"), [("never", 0), ("findings", 8), ("all", 15)])
def test_key_ids_cost_one_call_per_user_asked(estate: Any, key_ids: str, users: int) -> None:
    found = estate.collect(key_ids=key_ids)
    assert len(estate.sandbox.log.of("ListAccessKeys")) == users
    shown = [one for one in found.of(Credential) if one.kind == "access_key" and one.public_id]
    assert len({one.identity for one in shown}) == users
    assert found.state("iam.access_keys") == "complete"


@pytest.mark.parametrize(
    ("name", "usage", "note"),
    [
        ("kiosk-agent", "never", "no sign-in and no use of a key since it was created"),
        ("git-mirror", "unknown", "it has credentials whose use AWS does not record"),
        ("old-migration", "unknown", "not in the last 400 days"),
        ("fax-gateway", "known", None),
    ],
)
def test_last_use_means_what_its_source_can_see(
    collect: Any, name: str, usage: str, note: str | None
) -> None:
    (found,) = collect().of_identity(name, Usage)
    assert (found.usage, found.note) == (usage, note)


def test_a_young_role_that_was_never_used_is_never(estate: Any) -> None:
    found = estate.collect("940000000001")
    states = {
        (usage.usage, usage.window_days)
        for usage in found.of(Usage)
        if usage.source == "iam.authorization_details"
    }
    assert states <= {("known", 400), ("never", 400), ("unknown", 400)}


def test_root_is_an_identity_and_its_key_a_credential(estate: Any) -> None:
    found = estate.collect("910000000001")
    root = found.identity("root")
    assert (root.kind, root.native_id) == ("root", "arn:aws:iam::910000000001:root")
    (key,) = found.of_identity("root", Credential)
    assert (key.kind, key.status, key.identity) == ("access_key", "active", root.key)


def test_root_key_is_known_without_the_report(estate: Any) -> None:
    fault = Fault(kind="denied", operation="GetCredentialReport")
    found = estate.collect("910000000001", faults=[fault])
    (key,) = found.of_identity("root", Credential)
    assert (key.kind, key.source) == ("access_key", "iam.account_summary")


def test_without_the_report_users_stay_and_nothing_is_claimed_of_keys(collect: Any) -> None:
    found = collect(faults=[Fault(kind="denied", operation="GenerateCredentialReport")])
    assert found.state("iam.credential_report") == "denied"
    assert found.identity("deploy-bot").class_ == "ambiguous"
    assert found.identity("deploy-bot").enabled is None
    assert found.of_identity("deploy-bot", Credential) == []
    (usage,) = found.of_identity("deploy-bot", Usage)
    assert (usage.usage, usage.note) == ("unknown", "the credential report was not read")
    assert found.state("iam.access_keys") == "partial"


def test_without_users_their_credentials_are_not_said_to_be_all(collect: Any) -> None:
    found = collect(faults=[Fault(kind="denied", operation="GetAccountAuthorizationDetails")])
    assert [row for row in found.of(Identity) if row.kind in ("user", "role")] == []
    for source in ("credential_report", "service_specific_credentials", "ssh_keys", "access_keys"):
        assert found.state(f"iam.{source}") == "partial"
    assert all(one.attributes.get("trusted_by") is None for one in found.of(Credential))


def test_service_specific_and_ssh_credentials(collect: Any) -> None:
    found = collect()
    kinds = {one.kind: one for one in found.of_identity("git-mirror", Credential)}
    assert {"service_specific", "ssh_key"} <= kinds.keys()
    assert kinds["service_specific"].attributes == {"service": "codecommit.amazonaws.com"}
    use = {one.key: one.usage for one in found.of(Usage)}
    assert use[kinds["ssh_key"].key] == "unsupported"
    (bedrock,) = found.of_identity("BedrockAPIKey-ab12", Credential)
    assert bedrock.expires_at is not None


def test_identity_providers_know_who_trusts_them(collect: Any) -> None:
    found = collect()
    by_kind = {one.kind: one for one in found.of(Credential) if one.identity is None}
    assert by_kind["oidc_provider"].attributes["trusted_by"] == 2
    assert by_kind["oidc_provider"].fingerprint is None
    assert len(by_kind["saml_provider"].fingerprint) == 64
    assert by_kind["saml_provider"].expires_at is not None


def test_a_federated_trust_is_a_credential_of_its_role(collect: Any) -> None:
    found = collect()
    (trusted,) = found.of_identity("gha-deploy", Credential)
    assert trusted.kind == "federated_trust"
    assert trusted.attributes["subject"] == "repo:acme-dental/infra:ref:refs/heads/main"
    (trust,) = found.of_identity("gha-deploy", Trust)
    assert (trust.principal_kind, trust.verdict) == ("oidc", "guarded")


def test_a_role_that_trusts_an_absent_provider_is_broken(estate: Any) -> None:
    gone = Fault(
        kind="error", operation="GetOpenIDConnectProvider", code="NoSuchEntity", status=404
    )
    found = estate.collect(faults=[gone])
    assert found.state("iam.oidc_providers") == "complete"
    (trust,) = found.of_identity("gha-deploy", Trust)
    assert trust.verdict == "broken"


def test_an_unread_list_of_providers_breaks_no_trust(collect: Any) -> None:
    found = collect(faults=[Fault(kind="denied", operation="ListOpenIDConnectProviders")])
    (trust,) = found.of_identity("gha-deploy", Trust)
    assert trust.verdict == "guarded"


def test_secrets_are_known_by_name_and_last_read(collect: Any) -> None:
    found = collect()
    secret = found.identity("prod/acme/db")
    assert (secret.kind, secret.native_type) == ("secret", "aws.secretsmanager.secret")
    (value,) = found.of_identity("prod/acme/db", Credential)
    assert value.attributes == {"rotation": True, "rotation_days": 30}
    (usage,) = found.of_identity("prod/acme/db", Usage)
    assert usage.usage == "known"


def test_a_parameter_names_its_last_writer(collect: Any) -> None:
    found = collect()
    (claim,) = found.of_identity("/acme/api-key", Claim)
    assert (claim.reference, claim.role) == ("priya.nair@acme.example", "operator")
    assert claim.by_machine is False
    assert [row.name for row in found.of(Identity) if row.native_type == "aws.ssm.parameter"] == [
        "/acme/api-key"
    ]


def test_creators_are_people_or_machines_and_failures_are_dropped(collect: Any) -> None:
    found = collect(creators_pages=6)
    assert found.state("cloudtrail.creators") == "complete"
    (made,) = [one for one in found.of_identity("BedrockAPIKey-ab12", Claim) if one.signal == "S7"]
    assert (made.reference, made.by_machine) == ("dana.reyes@acme.example", False)
    (key,) = found.of_identity("edge-sync", Claim)
    assert (key.signal, key.reference, key.by_machine) == ("S8", "gha-deploy", True)
    assert not [one for one in found.of(Claim) if "nils.berg" in one.reference]


def test_a_spent_budget_of_events_is_partial_and_says_so(collect: Any) -> None:
    found = collect(creators_pages=2)
    row = found.coverage["cloudtrail.creators", "global"]
    assert (row.state, row.calls) == ("partial", 2)
    assert "budget of 2 pages reached" in row.reason


def test_events_are_asked_for_at_less_than_two_a_second(estate: Any) -> None:
    estate.collect(creators_pages=6)
    times = [call.at for call in estate.sandbox.log.of("LookupEvents") if call.status == 200]
    assert len(times) == 4
    # seen from the server, where a loaded machine shifts single calls
    assert times[-1] - times[0] > 3 * 0.4


def test_contacts_are_claims_and_their_absence_an_answer(estate: Any) -> None:
    claims = [one for one in estate.collect().of(Claim) if one.subject == "account"]
    assert [(one.signal, one.reference) for one in claims] == [
        ("S12", "dana.reyes@acme.example"),
        ("S12", "cloud-ops@northwind.example"),
    ]
    none = estate.collect("900000000010")
    assert none.coverage["account.contacts", "global"].rows == 0
    assert none.state("account.contacts") == "complete"
    assert estate.collect(contacts=False).coverage["account.contacts", "global"].calls == 0


def test_regions_are_asked_for_when_none_are_given(estate: Any) -> None:
    found = estate.collect("940000000001", regions=())
    read = {region for source, region in found.coverage if source == "secretsmanager.secrets"}
    assert len(read) >= 17
    assert found.coverage["ec2.regions", "global"].calls == 1


def test_all_regions_are_read_when_their_list_is_refused(estate: Any) -> None:
    whole = estate.collect("940000000001", regions=())
    refused = Fault(kind="denied", operation="DescribeRegions")
    found = estate.collect("940000000001", regions=(), faults=[refused])
    assert found.state("ec2.regions") == "denied"
    assert found.rows == whole.rows


def test_control_policies_bind_members_and_not_the_payer(estate: Any) -> None:
    found = estate.collect("910000000001", organization=True)
    assert found.identity("nhiscan").privilege == "read"
    unit = estate.plan("910000000001", organization=True).units
    assert [bool(one.params["scps"]) for one in unit] == [False, True]


def test_refused_control_policies_make_powers_unknown(estate: Any) -> None:
    aws = estate.options("910000000001", organization=True)
    estate.sandbox.faults.set([Fault(kind="denied", operation="ListPolicies")])
    plan = estate.plan("910000000001", organization=True)
    estate.sandbox.faults.clear()
    member = next(unit for unit in plan.units if unit.account == "910000000002")
    rows = list(estate.adapter.collect(aws, member, estate.context()))
    verdicts = {row.verdict for row in rows if isinstance(row, Grant)}
    assert verdicts <= {"unknown", "denied"}


def test_no_call_writes_and_each_is_in_the_policy(estate: Any) -> None:
    estate.collect(creators_pages=6, regions=(), key_ids="all")
    log = estate.sandbox.log
    assert log.writes() == []
    asked = log.permissions() - {"sts:AssumeRole"}
    assert asked == set(policy.permissions("account"))


def test_another_account_than_the_one_meant_is_not_read(estate: Any) -> None:
    options = estate.options("910000000002")
    unit = estate.plan("910000000002").units[0]
    other = msgspec.structs.replace(unit, account="910000000001")
    rows = list(estate.adapter.collect(options, other, estate.context()))
    assert {row.state for row in rows} == {"unreachable"}
    assert "910000000002" not in str(rows).replace("role/nhiscan", "")

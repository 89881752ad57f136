"""What was not seen is never said to be absent."""

import copy
from time import monotonic

from nhiscan.records import Claim, Coverage, Credential, Trust, Usage
from nhiscan_providers.gcp.reading.members import read_member
from tests.providers.gcp.conftest import CI, WEB, Acme


def test_a_project_that_is_not_shown_is_not_an_empty_one(acme: Acme) -> None:
    found = acme.collect(projects=("acme-prod", "acme-lost"))
    for source in ("iam.service_accounts", "iam.keys", "apikeys.keys", "iam.policies"):
        row = found.coverage["acme-lost", source]
        assert row.state == "partial", source
        assert "does not list the project" in str(row.reason)
        assert found.coverage["acme-prod", source].state == "complete"


def test_a_project_that_is_too_new_for_the_inventory_is_not_an_empty_one(acme: Acme) -> None:
    acme.google.project("acme-new", "19", "organizations/1")
    acme.google.assets.pop()
    found = acme.collect()
    assert found.coverage["acme-new", "iam.service_accounts"].state == "partial"
    assert found.coverage["acme-new", "storage.hmac_keys"].state == "complete"  # asked itself


def test_a_project_in_a_folder_that_is_not_shown_is_told(acme: Acme) -> None:
    acme.google.folders.clear()
    plan = acme.plan()
    (row,) = [r for r in plan.records if isinstance(r, Coverage)]
    assert "acme-prod" not in {unit.account for unit in plan.units}
    assert row.state == "partial"
    assert "folders that are not shown" in str(row.reason)


def test_one_refused_policy_does_not_lose_the_others(acme: Acme) -> None:
    default = "projects/acme-prod/serviceAccounts/10-compute"
    acme.google.off = {"cloudasset"}
    acme.google.refused = [("iam", default), ("cloudresourcemanager", "projects/acme-prod")]
    found = acme.collect()
    assert found.of("acme-prod", Trust, identity="100")
    row = found.coverage["acme-prod", "iam.policies"]
    assert (row.state, "not allowed" in str(row.reason)) == ("partial", True)
    row = found.coverage["acme-prod", "iam.keys"]
    assert (row.state, "the keys of 1 accounts" in str(row.reason)) == ("partial", True)


def test_events_without_a_time_are_claims_still(acme: Acme) -> None:
    event = acme.google.entries[0]
    event.pop("timestamp")
    acme.google.entries.append(copy.deepcopy(event))
    assert acme.collect().of("acme-prod", Claim, signal="S7")


def test_a_key_whose_end_is_not_told_is_not_called_endless(acme: Acme) -> None:
    acme.google.key(WEB, "dddd4444", validBeforeTime=None)
    keys = {c.public_id: c for c in acme.collect().of("acme-prod", Credential)}
    assert keys["…1111"].attributes["never_expires"] is True
    assert "never_expires" not in keys["…4444"].attributes


def test_no_period_is_claimed_for_keys_whose_last_use_was_refused(acme: Acme) -> None:
    keys = "organizations/1/locations/global/activityTypes/serviceAccountKey"
    acme.google.refused = [("policyanalyzer", keys)]
    found = acme.collect()
    assert found.coverage["acme-prod", "policyanalyzer.activities"].state == "partial"
    for row in found.of("acme-prod", Usage, source="policyanalyzer.activities"):
        assert row.usage == "known" or "not read" in str(row.note)
        assert row.usage == "known" or row.window_days is None
    assert found.of("acme-prod", Usage, usage="known")


def test_hmac_keys_of_an_account_of_elsewhere_are_told(acme: Acme) -> None:
    acme.google.hmac["acme-prod"][0]["serviceAccountEmail"] = CI
    found = acme.collect()
    row = found.coverage["acme-prod", "storage.hmac_keys"]
    assert (row.state, "HMAC keys" in str(row.reason)) == ("partial", True)
    assert not found.of("acme-build", Credential, kind="hmac_key")


def test_a_name_of_a_hundred_thousand_letters_is_read_at_once() -> None:
    begun = monotonic()
    for text in ("1" * 100_000, "a.svc.id.goog[" * 8_000, "a.iam." * 20_000):
        assert read_member(f"serviceAccount:{text}").rule == "agent_unknown_domain"
    assert monotonic() - begun < 1

"""Access is checked permission by permission; what is printed is what it takes."""

import json

import pytest
import yaml

from nhiscan.errors import UsageError
from nhiscan.provider import Check
from nhiscan_providers.gcp import Gcp, calls, policy
from tests.providers.gcp.conftest import Acme
from tests.providers.gcp.google import Refused


def _checks(acme: Acme, **given: object) -> list[Check]:
    return list(acme.adapter.check(acme.options(**given), acme.context()))


def _one(found: list[Check], source: str) -> Check:
    return next(row for row in found if row.source == source)


def test_everything_held(acme: Acme) -> None:
    found = _checks(acme, quota_project="acme-build")
    assert {row.state for row in found} == {"complete"}
    assert {row.source for row in found} == set(calls.TITLES)


def test_what_is_missing_is_named_with_the_way_to_mend_it(acme: Acme) -> None:
    acme.google.permissions = set(policy.permissions("scope", "quota")) - {"storage.hmacKeys.list"}
    row = _one(_checks(acme), "storage.hmac_keys")
    assert (row.state, row.missing) == ("denied", ("storage.hmacKeys.list",))
    assert row.grant == "nhiscan permissions gcp"


def test_apis_that_are_off_are_named_with_the_command(acme: Acme) -> None:
    acme.google.off = {"cloudasset"}
    row = _one(_checks(acme, quota_project="acme-build"), "iamcredentials.token")
    assert row.state == "denied"
    assert "cloudasset.googleapis.com" in str(row.reason)
    assert row.grant == "gcloud services enable cloudasset.googleapis.com --project acme-build"


def test_projects_are_asked_what_projects_know(acme: Acme) -> None:
    found = _checks(acme, organization=None, projects=("acme-prod",))
    assert {row.account for row in found if row.source == "iam.keys"} == {"acme-prod"}
    assert {row.state for row in found} == {"complete"}


def test_an_entry_that_cannot_be_entered_is_a_check_too(acme: Acme) -> None:
    acme.google.faults = [Refused(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED")]
    (row,) = _checks(acme, impersonate="n@acme-sec.iam.gserviceaccount.com")
    assert (row.source, row.state) == ("iamcredentials.token", "denied")
    assert row.missing == ("iam.serviceAccounts.getAccessToken",)


def test_forms_are_printed_from_the_table() -> None:
    wanted = list(policy.permissions("scope", "quota"))
    assert yaml.safe_load(policy.render())["includedPermissions"] == wanted
    assert json.loads(policy.render("json"))["includedPermissions"] == wanted
    terraform = policy.render("terraform")
    assert all(f'"{permission}",' in terraform for permission in wanted)
    assert all(f'"{service}",' in terraform for service in policy.services())
    assert terraform.count("{") == terraform.count("}")
    quota = yaml.safe_load(policy.render("quota"))["includedPermissions"]
    assert quota == ["serviceusage.services.get", "serviceusage.services.use"]
    caller = yaml.safe_load(policy.render("scanner"))["includedPermissions"]
    assert caller == ["iam.serviceAccounts.getAccessToken"]
    assert all(Gcp().permissions(form) for form in Gcp().permission_forms())


def test_nothing_that_changes_or_reveals_is_asked_for() -> None:
    wanted = policy.permissions("scope", "quota")
    verbs = {permission.rpartition(".")[2] for permission in wanted}
    assert verbs <= {
        "get", "list", "query", "use", "getIamPolicy", "listResource", "searchAllResources",
        "searchAllIamPolicies",
    }  # fmt: skip
    assert not {"apikeys.keys.getKeyString", "iam.serviceAccounts.getAccessToken"} & set(wanted)


def test_every_operation_has_a_reason_and_a_source() -> None:
    assert all(one.why and set(one.sources) <= set(calls.TITLES) for one in calls.OPERATIONS)
    assert {s for one in calls.OPERATIONS for s in one.sources} == set(calls.TITLES)
    assert all(source.premise_of for source in Gcp().sources())


def test_an_unknown_form_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        Gcp().permissions("stackset")
    assert "terraform" in (caught.value.hint or "")

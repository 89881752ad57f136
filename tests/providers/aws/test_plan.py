"""Planning: which accounts, whose they are, how each is entered, and what could not be read."""

import os
from typing import Any

import pytest

from nhiscan.errors import ProviderError
from nhiscan.records import Account, Coverage
from nhiscan_providers.aws import Aws
from nhiscan_providers.aws.options import Options
from nhiscan_sandbox.faults import Fault

RESALE = {
    "900000000010": "northwind",
    "950000000001": "harbor",
    "ou-rs01-lakeside": "lakeside",
}


def _accounts(plan: Any) -> dict[str, Account]:
    return {one.native_id: one for one in plan.records if isinstance(one, Account)}


def _states(plan: Any) -> dict[str, str]:
    return {one.source: one.state for one in plan.records if isinstance(one, Coverage)}


def test_one_role_needs_no_call(estate: Any) -> None:
    plan = estate.plan("910000000002")
    assert len(estate.sandbox.log) == 0
    assert (plan.label, [unit.account for unit in plan.units]) == ("910000000002", ["910000000002"])
    assert _accounts(plan)["910000000002"].state == "active"


def test_members_are_entered_from_the_base_by_the_member_role(estate: Any) -> None:
    plan = estate.plan("910000000001", organization=True)
    assert plan.label == "o-acme000001"
    assert {unit.account: unit.params["role_arn"] for unit in plan.units} == {
        "910000000001": "arn:aws:iam::910000000001:role/nhiscan",
        "910000000002": "arn:aws:iam::910000000002:role/nhiscan",
    }
    estate.sandbox.log.clear()
    estate.collect("910000000001", organization=True)
    (assumed,) = estate.sandbox.log.of("AssumeRole")
    assert assumed.caller.endswith("nhiscan-scanner/scanner-host")


def test_a_suspended_account_is_listed_and_not_scanned(estate: Any) -> None:
    plan = estate.plan("910000000001", organization=True)
    suspended = _accounts(plan)["910000000003"]
    assert (suspended.state, suspended.reason) == ("suspended", "not scanned: suspended")
    assert suspended.path == "r-ac01/ou-ac01-workload1/910000000003"
    assert "910000000003" not in {unit.account for unit in plan.units}


def test_only_the_accounts_asked_for_are_scanned(estate: Any) -> None:
    plan = estate.plan("910000000001", organization=True, accounts=("910000000002",))
    assert [unit.account for unit in plan.units] == ["910000000002"]
    assert _accounts(plan)["910000000001"].reason == "not scanned: not among `accounts`"


def test_a_map_gives_accounts_to_tenants_and_never_guesses(estate: Any) -> None:
    plan = estate.plan("900000000010", "northwind", organization=True, map=RESALE)
    tenants = {unit.account: unit.tenant_id for unit in plan.units}
    assert tenants == {
        "900000000010": "northwind",
        "950000000001": "harbor",
        "950000000002": "lakeside",
    }
    unmapped = _accounts(plan)["950000000009"]
    assert (unmapped.state, unmapped.tenant_id) == ("unmapped", None)
    assert unmapped.reason == "no tenant is mapped to it"


def test_the_nearest_place_in_the_tree_wins(estate: Any) -> None:
    places = {"r-rs01": "northwind", "ou-rs01-lakeside": "lakeside"}
    plan = estate.plan("900000000010", "northwind", organization=True, map=places)
    tenants = {unit.account: unit.tenant_id for unit in plan.units}
    assert tenants["950000000002"] == "lakeside"
    assert tenants["950000000009"] == "northwind"


def test_a_refused_organization_leaves_the_entry_account(estate: Any) -> None:
    estate.sandbox.faults.set([Fault(kind="denied", service="organizations")])
    plan = estate.plan("910000000001", organization=True)
    assert [unit.account for unit in plan.units] == ["910000000001"]
    assert plan.units[0].params["scps"] is None
    assert _states(plan) == {"organizations.accounts": "denied", "organizations.policies": "denied"}


def test_no_organization_is_an_answer(estate: Any) -> None:
    estate.sandbox.enforce("arn:aws:iam::940000000001:role/nhiscan", on=False)
    plan = estate.plan("940000000001", organization=True)
    assert [unit.account for unit in plan.units] == ["940000000001"]
    assert plan.units[0].params["scps"] == []
    assert set(_states(plan).values()) == {"complete"}


@pytest.mark.parametrize(
    ("operation", "source"),
    [
        ("ListAccounts", "organizations.accounts"),
        ("ListRoots", "organizations.accounts"),
        ("ListPolicies", "organizations.policies"),
        ("DescribePolicy", "organizations.policies"),
        ("ListTargetsForPolicy", "organizations.policies"),
    ],
)
def test_each_refused_read_of_the_organization_is_told(
    estate: Any, operation: str, source: str
) -> None:
    estate.sandbox.faults.set([Fault(kind="denied", operation=operation)])
    plan = estate.plan("910000000001", organization=True)
    assert _states(plan)[source] == "denied"
    if source == "organizations.policies":
        assert {unit.params["scps"] is None for unit in plan.units} == {False, True}


def test_an_entry_that_cannot_be_entered_is_an_error(estate: Any) -> None:
    with pytest.raises(ProviderError, match="sts:AssumeRole is not allowed"):
        estate.plan("910000000001", organization=True, external_id="wrong-and-long-enough")


def test_the_default_chain_names_its_own_account(estate: Any) -> None:
    plan = estate.plan("900000000001", role_arn=None)
    assert [unit.account for unit in plan.units] == ["900000000001"]
    assert plan.units[0].params["role_arn"] is None


def test_no_credentials_is_an_error_with_words(
    estate: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    options = Options(endpoint=estate.sandbox.url)
    with pytest.raises(ProviderError, match="no credentials were found") as caught:
        Aws().plan(options, estate.context())
    assert "AWS_PROFILE" in (caught.value.hint or "")


def test_an_unknown_profile_is_an_error_with_words(estate: Any) -> None:
    with pytest.raises(ProviderError, match="nobody"):
        estate.plan("900000000001", role_arn=None, profile="nobody")
    assert os.environ.get("AWS_PROFILE") is None

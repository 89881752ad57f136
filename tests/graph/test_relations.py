"""Who a trusted principal is to the client that trusts it."""

from typing import Any

import pytest

from nhiscan.config.model import Vendor
from nhiscan.records import Trust
from tests.ownership.estate import ACCOUNTS, Estate, identity, identity_id


def role(name: str, tenant: str, **fields: Any) -> Any:
    native_id = f"arn:aws:iam::{ACCOUNTS[tenant]}:role/{name}"
    return identity(name, kind="role", native_type="aws.iam.role", native_id=native_id, **fields)


def trust(name: str, principal: str, kind: Any = "account", **fields: Any) -> Trust:
    defaults: dict[str, Any] = {"guard": "none", "verdict": "open", "reason": "a test"}
    defaults["source"] = "iam.authorization_details"
    return Trust(identity=name, principal=principal, principal_kind=kind, **{**defaults, **fields})


def of_account(name: str, account: str, **fields: Any) -> Trust:
    return trust(name, f"arn:aws:iam::{account}:root", principal_account=account, **fields)


def of_role(name: str, tenant: str, other: str, **fields: Any) -> Trust:
    arn = f"arn:aws:iam::{ACCOUNTS[tenant]}:role/{other}"
    account = ACCOUNTS[tenant]
    facts = {"principal_account": account, "principal_native_id": arn} | fields
    return trust(name, str(facts.pop("principal", arn)), "role", **facts)


DATADOG = "464622532012"  # listed publicly


@pytest.mark.parametrize(
    ("given", "relation", "tenant", "vendor"),
    [
        (of_account("r", ACCOUNTS["acme"]), "same_account", "acme", None),
        (of_account("r", ACCOUNTS["acme-labs"]), "same_client", "acme-labs", None),
        (of_account("r", ACCOUNTS["beta"]), "other_client", "beta", None),
        (of_account("r", ACCOUNTS["northwind"]), "msp", "northwind", None),
        (of_account("r", "222233334444"), "vendor", None, "Skyline"),
        (of_account("r", DATADOG), "vendor", None, "Datadog"),
        (of_account("r", "999900001111"), "unknown", None, None),
        (of_account("r", "123456789012", relation="platform"), "platform", None, None),
        (trust("r", "lambda.amazonaws.com", "service"), "platform", None, None),
        (trust("r", "*", "public"), "public", None, None),
        (trust("r", "AIDAGONE", "deleted", verdict="dangling"), "unknown", None, None),
        (trust("r", "(unread)", "unknown", verdict="unknown"), "unknown", None, None),
        (
            trust("r", "o-own", "organization", principal_organization="o-own"),
            "same_client",
            "acme",
            None,
        ),
        (
            trust("r", "o-resale", "organization", principal_organization="o-resale"),
            "other_client",
            None,
            None,
        ),
        (
            trust("r", "o-else", "organization", principal_organization="o-else"),
            "unknown",
            None,
            None,
        ),
    ],
)
def test_relation(
    estate: Estate, given: Trust, relation: str, tenant: str | None, vendor: str | None
) -> None:
    estate.vendors = (Vendor(id="sky", name="Skyline", aws_accounts=("222233334444",)),)
    estate.organizations = {"acme": "o-own", "beta": "o-resale", "gamma": "o-resale"}
    estate.scan(
        {"acme": [role("r", "acme"), given], "acme-labs": [], "beta": [], "gamma": [],
         "northwind": []}
    )  # fmt: skip
    [row] = estate.rows("SELECT relation, principal_tenant_id, vendor FROM trusts")
    assert tuple(row.values()) == (relation, tenant, vendor)


def test_the_msps_own_vendor_list_goes_first_and_vendors_are_parties(estate: Estate) -> None:
    estate.vendors = (Vendor(id="dd", name="Datadog EU", aws_accounts=(DATADOG,)),)
    estate.scan({"acme": [role("r", "acme"), of_account("r", DATADOG)]})
    [row] = estate.rows("SELECT vendor FROM trusts")
    assert row["vendor"] == "Datadog EU"
    [party] = estate.rows("SELECT party_id, name FROM parties WHERE kind = 'vendor'")
    assert tuple(party.values()) == ("dd", "Datadog EU")


def test_a_principal_that_is_one_identity_is_found_in_any_tenant(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [role("r", "acme"), of_role("r", "northwind", "bot")],
            "northwind": [role("bot", "northwind")],
        }
    )
    [row] = estate.rows("SELECT principal_identity_id, relation FROM trusts")
    assert row["principal_identity_id"] == identity_id("northwind", "bot")


def test_an_identity_of_another_account_cannot_pass_for_the_principal(estate: Estate) -> None:
    liars = [identity(f"liar-{n}", native_id=role("bot", "northwind").native_id) for n in range(8)]
    estate.scan(
        {
            "acme": [role("r", "acme"), of_role("r", "northwind", "bot")],
            "beta": liars,
            "northwind": [role("bot", "northwind")],
        }
    )
    [row] = estate.rows("SELECT principal_identity_id FROM trusts")
    assert row["principal_identity_id"] == identity_id("northwind", "bot")


def test_a_session_names_its_role_whatever_the_roles_path(estate: Estate) -> None:
    session = f"arn:aws:sts::{ACCOUNTS['beta']}:assumed-role/deploy/ci"
    pathed = identity(
        "deploy",
        kind="role",
        native_id=f"arn:aws:iam::{ACCOUNTS['beta']}:role/ci/deploy",
    )
    given = of_role("r", "beta", "deploy", principal=session)
    estate.scan({"acme": [role("r", "acme"), given], "beta": [pathed]})
    [row] = estate.rows("SELECT principal_identity_id FROM trusts")
    assert row["principal_identity_id"] == identity_id("beta", "deploy")


def test_an_arn_without_the_path_is_no_other_role(estate: Estate) -> None:
    pathed = identity(
        "deploy", kind="role", native_id=f"arn:aws:iam::{ACCOUNTS['beta']}:role/ci/deploy"
    )
    given = of_role("r", "beta", "deploy")
    estate.scan({"acme": [role("r", "acme"), given], "beta": [pathed]})
    [row] = estate.rows("SELECT principal_identity_id FROM trusts")
    assert row["principal_identity_id"] is None


def test_an_account_may_be_named_by_its_number(estate: Estate) -> None:
    estate.paths = {"beta": "organizations/1/projects/777", "acme": "organizations/2/777/778"}
    principal = role("bot", "beta").native_id
    given = trust("r", principal, "role", principal_account="777", principal_native_id=principal)
    estate.scan({"acme": [role("r", "acme"), given], "beta": [role("bot", "beta")]})
    [row] = estate.rows("SELECT relation, principal_tenant_id, principal_identity_id FROM trusts")
    assert tuple(row.values()) == ("other_client", "beta", identity_id("beta", "bot"))


def test_a_number_of_two_accounts_names_neither(estate: Estate) -> None:
    estate.paths = {"beta": "a/777", "acme": "b/777"}
    estate.scan({"acme": [role("r", "acme"), of_account("r", "777")], "beta": []})
    [row] = estate.rows("SELECT relation FROM trusts")
    assert row["relation"] == "unknown"

"""Applications that several clients let in, partners, and things that are two objects."""

from typing import Any

import pytest
from msgspec.structs import replace

from nhiscan.config.model import Vendor
from nhiscan.errors import UsageError
from nhiscan.graph.identify import identify
from nhiscan.records import Grant, Identity, Trust
from nhiscan.store.read import open_reader
from tests.ownership.estate import ACCOUNTS, Estate, identity, identity_id

APP = "1f220000-0000-4000-8000-000000000002"
VENDOR, STRANGER = "222233334444", "999900001111"


def principal(name: str, home: str, app: str = APP) -> list[Any]:
    """A service principal, and the application that acts through it from its home."""
    trust = Trust(
        identity=name,
        principal=app,
        principal_kind="application",
        principal_account=home,
        principal_native_id=app,
        guard="consent",
        verdict="guarded",
        reason="a test",
        source="iam.authorization_details",
    )
    return [identity(name, kind="service_principal", native_id=f"dir/{name}"), trust]


def registration(name: str, **fields: Any) -> Identity:
    return identity(name, kind="app", native_id=f"dir/{name}", immutable_id=APP, **fields)


def shared(estate: Estate) -> list[dict[str, Any]]:
    return estate.rows("SELECT * FROM shared ORDER BY level, key")


@pytest.mark.parametrize(
    ("home", "relation"),
    [(STRANGER, "unknown"), (VENDOR, "vendor"), (ACCOUNTS["beta"], "other_client")],
)
def test_one_application_in_two_clients_is_one_principal(
    estate: Estate, home: str, relation: str
) -> None:
    estate.vendors = (Vendor(id="skyline", name="Skyline", aws_accounts=(VENDOR,)),)
    estate.scan(
        {"acme": principal("one", home), "gamma": principal("two", home), "beta": [identity("x")]}
    )
    [row] = shared(estate)
    assert (row["level"], row["key"], row["relation"]) == ("principal", APP, relation)
    assert set(row["identity_ids"]) == {identity_id("acme", "one"), identity_id("gamma", "two")}
    assert set(row["tenant_ids"]) >= {"acme", "gamma"}


def test_two_tenants_of_one_client_share_nothing(estate: Estate) -> None:
    estate.scan({"acme": principal("one", STRANGER), "acme-labs": principal("two", STRANGER)})
    assert shared(estate) == []


def test_the_msps_application_reaches_its_clients_and_is_told_once(estate: Estate) -> None:
    home = ACCOUNTS["northwind"]
    estate.scan(
        {
            "northwind": [registration("reg")],
            "acme": principal("one", home),
            "gamma": principal("two", home),
        }
    )
    [row] = shared(estate)
    assert (row["level"], row["key"], row["relation"]) == ("principal", APP, "msp")
    assert identity_id("northwind", "reg") in row["identity_ids"]
    assert row["tenant_ids"] == ["acme", "gamma"]
    reach = estate.rows("SELECT target_tenant_id FROM reach ORDER BY ALL")
    assert [one["target_tenant_id"] for one in reach] == ["acme", "gamma"]
    relations = {one["relation"] for one in estate.rows("FROM trusts")}
    assert relations == {"msp"}


def test_two_applications_of_one_stranger_are_told_by_the_stranger(estate: Estate) -> None:
    estate.scan({"acme": principal("one", STRANGER, "a"), "gamma": principal("two", STRANGER, "b")})
    [row] = shared(estate)
    assert (row["level"], row["key"]) == ("trust", f"aws:{STRANGER}")


def delegation(name: str, partner: str) -> list[Any]:
    trust = Trust(
        identity=name,
        principal=partner,
        principal_kind="organization",
        principal_account=partner,
        principal_organization=partner,
        guard="a delegation",
        verdict="guarded",
        reason="a test",
        source="iam.authorization_details",
    )
    return [identity(name, kind="delegation", native_id=f"dir/{name}"), trust]


def test_a_partner_is_found_from_the_customers_side_and_from_its_own(estate: Estate) -> None:
    own = identity("gdap", kind="delegation", native_id="dir/gdap")
    grants = [
        Grant(
            identity="gdap",
            scope=f"customer {tenant}",
            scope_account=ACCOUNTS[tenant],
            role="Global Administrator",
            action_class="admin",
            verdict="granted",
            via="delegation",
            source="iam.authorization_details",
        )
        for tenant in ("acme", "beta")
    ]
    estate.scan(
        {
            "northwind": [own, *grants],
            "acme": delegation("d1", ACCOUNTS["northwind"]),
            "gamma": delegation("d2", ACCOUNTS["northwind"]),
            "beta": [identity("x")],
        }
    )
    [row] = shared(estate)
    assert (row["level"], row["relation"]) == ("partner", "msp")
    assert row["key"] == f"aws:{ACCOUNTS['northwind']}"
    assert set(row["tenant_ids"]) == {"acme", "beta", "gamma"}


def test_a_whole_answers_for_its_parts_and_is_meant_by_their_common_name(estate: Estate) -> None:
    part = replace(registration("reg", part_of="sp"), name="Billing")
    whole = replace(principal("sp", ACCOUNTS["acme"])[0], name="Billing")
    estate.scan({"acme": [part, whole]})
    governed = estate.rows("SELECT identity_id FROM governed")
    assert [one["identity_id"] for one in governed] == [identity_id("acme", "sp")]
    with open_reader(estate.store) as con:
        assert identify(con, "Billing").identity_id == identity_id("acme", "sp")
        assert identify(con, APP.upper()).identity_id == identity_id("acme", "reg")
        with pytest.raises(UsageError):
            identify(con, "1f220000-0000-4000-8000-00000000ffff")


def test_a_part_whose_whole_is_switched_off_answers_for_itself(estate: Estate) -> None:
    whole = replace(principal("sp", ACCOUNTS["acme"])[0], enabled=False)
    estate.scan({"acme": [registration("reg", part_of="sp"), whole]})
    governed = estate.rows("SELECT identity_id FROM governed")
    assert [one["identity_id"] for one in governed] == [identity_id("acme", "reg")]

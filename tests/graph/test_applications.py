"""Applications that several clients let in, partners, and things that are two objects."""

from importlib.resources import files
from typing import Any

import pytest
from msgspec.structs import replace

from nhiscan.config.model import Vendor
from nhiscan.errors import UsageError
from nhiscan.export.wall import MASK, Wall
from nhiscan.graph.identify import identify
from nhiscan.records import Account, Grant, Identity, Trust
from nhiscan.store.read import open_reader
from tests.ownership.estate import ACCOUNTS, Estate, identity, identity_id, party

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


def test_a_guest_whose_home_is_known_is_told_at_home(estate: Estate) -> None:
    """The same principal stands in several clients' accounts as a guest, by one native id."""
    home = ACCOUNTS["northwind"]

    def guest(tenant: str) -> list[Any]:
        own = identity("rmm", kind="service_account", native_id="rmm@x", home_account=home)
        ways = [
            Trust(
                identity="rmm",
                principal="rmm@x",
                principal_kind="identity",
                principal_account=home,
                principal_native_id="rmm@x",
                guard="a binding",
                verdict="guarded",
                reason="a test",
                source="iam.authorization_details",
            )
        ]
        other = "gamma" if tenant == "acme" else "acme"
        right = Grant(
            identity="rmm",
            scope="all",
            scope_account=ACCOUNTS[other],
            role="r",
            action_class="read",
            verdict="granted",
            via="a binding",
            source="iam.authorization_details",
        )
        return [own, *ways, right]

    estate.scan(
        {
            "northwind": [identity("rmm", kind="service_account", native_id="rmm@x")],
            "acme": guest("acme"),
            "gamma": guest("gamma"),
        }
    )
    rows = [one for one in shared(estate) if one["level"] == "principal"]
    assert [one["key"] for one in rows] == [identity_id("northwind", "rmm")]
    assert rows[0]["relation"] == "msp"
    with open_reader(estate.store) as con:
        assert identify(con, "rmm@x").identity_id == identity_id("northwind", "rmm")


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


def test_a_partner_that_has_left_is_found_by_the_name_of_the_roster(estate: Estate) -> None:
    estate.vendors = (Vendor(id="sky", name="Skyline", aws_accounts=(VENDOR,)),)
    estate.parties = [party("sky", kind="vendor", name="Skyline Ltd", employment="left")]
    estate.scan({"acme": delegation("d1", VENDOR)})
    [row] = estate.rows(
        "SELECT t.vendor, p.employment FROM trusts t JOIN parties p ON p.name = t.vendor"
    )
    assert tuple(row.values()) == ("Skyline Ltd", "left")


def test_an_account_that_several_units_list_is_its_own_organizations(estate: Estate) -> None:
    shared = Account(
        native_id="sub-1", state="active", organization=ACCOUNTS["beta"], source="sts.identity"
    )
    both = {"acme": [shared], "beta": [shared]}
    estate.scan({**both, "gamma": delegation("d1", "sub-1")})
    [account] = estate.rows("SELECT tenant_id FROM accounts WHERE native_id = 'sub-1'")
    assert account["tenant_id"] == "beta"
    [row] = estate.rows("SELECT relation, principal_tenant_id FROM trusts")
    assert tuple(row.values()) == ("other_client", "beta")


def test_the_wall_knows_an_application_by_its_clients_id(estate: Estate) -> None:
    estate.scan({"acme": principal("one", ACCOUNTS["beta"]), "beta": [registration("reg")]})
    terms = files("nhiscan.export").joinpath("terms.sql").read_text("utf-8")
    with open_reader(estate.store) as con:
        wall = Wall(con.execute(terms).fetchall())
    assert wall.masked(f"principal {APP}", "acme") == (f"principal {MASK}", {"beta"})
    assert wall.masked(f"principal {APP}", "beta") == (f"principal {APP}", set())

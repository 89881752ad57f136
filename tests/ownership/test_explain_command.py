"""`nhiscan explain`: everything about one identity, and what could not be read."""

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from nhiscan.ownership.explain import explain
from nhiscan.store.read import open_reader
from tests.graph.test_applications import principal, registration
from tests.graph.test_path_command import nhiscan
from tests.graph.test_reach import credential, may_assume
from tests.graph.test_relations import of_account, role
from tests.ownership.estate import ACCOUNTS, AT, Estate, identity, identity_id, party
from tests.ownership.test_resolve import creator, owner


@pytest.fixture
def told(estate: Estate) -> Estate:
    estate.parties = [
        party("dana.reyes", employment="left"),
        party("sam", org="msp", email="sam@northwind.example"),
    ]
    estate.scan(
        {
            "northwind": [
                role("bot", "northwind", tags={"owner": "sam", "note": "\x1b[2J<b>"}),
                may_assume("bot", "arn:aws:iam::*:role/Admin"),
                credential("bot", "f00d"),
                creator("bot", "dana.reyes"),
            ],
            "acme": [role("Admin", "acme"), of_account("Admin", ACCOUNTS["northwind"])],
            "beta": [role("Admin", "beta"), of_account("Admin", ACCOUNTS["northwind"])],
        },
        unread={"cloudtrail.creators": "denied"},
    )
    return estate


def test_json_is_a_list_of_one_object_that_holds_everything(told: Estate) -> None:
    done = nhiscan(told, "explain", "bot", "--format", "json")
    assert done.returncode == 0, done.stderr
    [one] = json.loads(done.stdout)
    assert one["identity"]["native_id"].endswith("role/bot")
    assert one["identity"]["tags"]["note"] == "\x1b[2J<b>"
    assert one["account"]["account_id"] == f"aws:{ACCOUNTS['northwind']}"
    assert one["ownership"]["status"] == "declared"
    assert one["ownership"]["owner"]["email"] == "sam@northwind.example"
    assert one["ownership"]["last_known_owner"]["employment"] == "left"
    assert [c["signal"] for c in one["ownership"]["claims"]] == ["S3", "S7"]
    assert one["credentials"][0]["fingerprint"] == "f00d"
    assert {way["tenant_id"] for way in one["acts_as"]} == {"acme", "beta"}
    assert {r["target_tenant_id"] for r in one["reach"]} == {"acme", "beta"}
    assert one["shared"][0]["level"] == "principal"
    assert one["unread"]["owners"] == ["cloudtrail.creators (global): denied"]


def test_claims_carry_age_and_decay(told: Estate) -> None:
    with open_reader(told.store) as con:
        facts: Any = explain(con, identity_id("northwind", "bot"), AT + timedelta(days=365))
    tag, made = facts["ownership"]["claims"]
    assert (tag["age_days"], tag["decayed"]) == (365, 0.4)
    assert made["age_days"] == 375
    assert made["decayed"] == pytest.approx(0.55 * 2 ** (-375 / 180), abs=0.001)


def test_the_page_is_safe_and_says_what_would_change_it(told: Estate) -> None:
    done = nhiscan(told, "explain", "bot")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    for text in (
        "status       declared, confidence 0.80",
        "owner        Sam (sam, person, active)",
        "would change an owner tag that names somebody else",
        "role arn:aws:iam::111122223333:role/Admin (acme), which lets in",
        "tenant beta by trust, steps: 1",
        "cloudtrail.creators (global): denied",
    ):
        assert text in done.stdout


def test_an_empty_section_is_not_taken_for_proof(told: Estate) -> None:
    told.scan(
        {"northwind": []},
        at=AT + timedelta(days=1),
        unread={"iam.authorization_details": "denied"},
    )
    done = nhiscan(told, "explain", "bot")
    assert "none known: not everything was read" in done.stdout
    assert "not whole    iam.authorization_details (global): denied" in done.stdout


def test_as_of_tells_what_was_known_then(told: Estate) -> None:
    told.parties = []
    told.scan({"northwind": [role("bot", "northwind")]}, at=AT + timedelta(days=30))
    then = nhiscan(told, "explain", "bot", "--as-of", "2026-05-02", "--format", "json")
    now = nhiscan(told, "explain", "bot", "--format", "json")
    assert json.loads(then.stdout)[0]["ownership"]["status"] == "declared"
    assert json.loads(now.stdout)[0]["ownership"]["status"] == "unowned"


def test_an_owner_of_no_roster_whose_account_is_gone_is_told_by_name(estate: Estate) -> None:
    gone = owner("app", "j.doe@acme.example", departed=True)
    estate.scan({"acme": [identity("app", kind="app"), gone]})
    done = nhiscan(estate, "explain", "app")
    assert done.returncode == 0, done.stderr
    assert "status       orphaned" in done.stdout
    assert "last known   j.doe@acme.example (in no roster)" in done.stdout
    assert "the platform says that the account is disabled or deleted" in done.stdout


@pytest.fixture
def billing(estate: Estate) -> Estate:
    """An application of the MSP in two clients: its registration and its principal at home."""
    estate.parties = [party("dana.reyes", org="msp"), party("priya.nair", org="msp")]
    home = ACCOUNTS["northwind"]
    whole, own = principal("sp", home)
    estate.scan(
        {
            "northwind": [
                registration("reg", part_of="sp"),
                owner("reg", "dana.reyes"),
                credential("reg", "f00d"),
                replace(whole, name="Billing"),
                own,
                owner("sp", "priya.nair"),
                may_assume("sp", "arn:aws:iam::*:role/Reader"),
            ],
            "acme": principal("one", home),
            "beta": principal("two", home),
        }
    )
    return estate


def test_an_application_is_shown_as_both_objects_with_both_owner_lists(billing: Estate) -> None:
    done = nhiscan(billing, "explain", "Billing", "--format", "json")
    assert done.returncode == 0, done.stderr
    [one] = json.loads(done.stdout)
    [other] = one["objects"]
    assert one["identity"]["identity_id"] == identity_id("northwind", "sp")
    assert (other["place"], other["identity"]["name"]) == ("part", "reg")
    assert [c["reference"] for c in one["ownership"]["claims"]] == ["priya.nair"]
    assert [c["reference"] for c in other["ownership"]["claims"]] == ["dana.reyes"]
    assert [c["fingerprint"] for c in other["credentials"]] == ["f00d"]
    assert [g["source"] for g in one["grants"]] == ["iam.authorization_details"]
    assert one["trusted"][0]["principal_kind"] == "application"
    part = json.loads(nhiscan(billing, "explain", "reg", "--format", "json").stdout)[0]
    assert [o["place"] for o in part["objects"]] == ["whole"]


def test_the_whole_tells_what_its_registration_reaches_and_shares(billing: Estate) -> None:
    done = nhiscan(billing, "explain", "Billing")
    assert done.returncode == 0, done.stderr
    for text in (
        "tenant acme by trust, steps: 1",
        "principal: application",
        "Also part of it",
        "S4 dana.reyes (owner in the directory)",
        "S4 priya.nair (owner in the directory)",
        "(inline); iam.authorization_details (global)",
    ):
        assert text in done.stdout
    assert billing.one("northwind", "sp")["reach_tenants"] == 2

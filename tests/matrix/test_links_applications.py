"""Microsoft's applications: two objects of one thing, named by the client id or an object's."""

from pathlib import Path
from typing import Any

import pytest

from nhiscan.records import AnyRecord, public_id
from tests.matrix.linked import Linked, does, instance
from tests.ownership.estate import ACCOUNTS

APP = "9a000000-0000-4000-8000-0000000000AB"
OBJECT = "5c000000-0000-4000-8000-000000000001"


@pytest.fixture
def estate(tmp_path: Path) -> Linked:
    made = Linked(tmp_path)
    made.provider = "azure"
    return made


def principal(name: str = "robot", **fields: Any) -> list[AnyRecord]:
    return does(
        name, "iam", kind="service_principal", native_type="azure.service_principal",
        native_id=f"dir/{OBJECT}", immutable_id=OBJECT, attributes={"app_id": APP.lower()},
        **fields,
    )  # fmt: skip


def registration(whole: str | None = "robot") -> list[AnyRecord]:
    return does(
        "registration", kind="app", native_type="azure.application", native_id="dir/registration",
        immutable_id=APP.lower(), attributes={"app_id": APP.lower()}, part_of=whole,
    )  # fmt: skip


def named(estate: Linked, text: str, tenant: str = "acme") -> None:
    one = instance(f"{tenant}/leavers", "CC6.2", operated_by=[{"id": text}])
    estate.client(tenant, one)


@pytest.mark.parametrize(
    "text",
    [
        f"entra:app:{APP}",
        APP,
        APP.lower(),
        OBJECT,
        f"entra:{OBJECT.upper()}",
        "azure:dir/" + OBJECT,
    ],
)
def test_an_application_is_linked_as_its_whole(estate: Linked, text: str) -> None:
    named(estate, text)
    estate.scan({"acme": principal() + registration()})

    found = estate.links()

    assert {name: link["basis"][0] for name, link in found.items()} == {"robot": "explicit"}
    assert found["robot"]["identity_id"] == public_id(
        "nhi", "acme", "azure", ACCOUNTS["acme"], "robot"
    )


def test_an_application_id_is_no_object_id(estate: Linked) -> None:
    named(estate, f"entra:app:{OBJECT}")
    estate.scan({"acme": principal(privilege="read")})

    assert all("explicit" not in link["basis"] for link in estate.links().values())


def test_the_msps_application_is_linked_as_it_stands_in_the_client(estate: Linked) -> None:
    named(estate, f"entra:app:{APP}")
    named(estate, f"entra:app:{APP}", "beta")
    records = {
        "northwind": principal("home") + registration("home"),
        "acme": principal("in-acme"),
        "gamma": principal("in-gamma"),
    }
    estate.scan(records)

    assert set(estate.links("acme/leavers")) == {"in-acme"}
    # where the client's directory was not read, what is known of it is its home
    assert set(estate.links("beta/leavers")) == {"home"}


def test_a_registration_alone_is_linked_itself(estate: Linked) -> None:
    named(estate, f"entra:app:{APP}")
    estate.scan({"acme": registration(None)})

    assert set(estate.links()) == {"registration"}


def test_a_partners_right_suggests_the_control_of_vendors(estate: Linked) -> None:
    estate.client("acme", instance("acme/vendors", "CC9.2"))
    estate.scan({"acme": does("partner", "read", kind="delegation")})

    assert estate.link("partner")["state"] == "suggested"
    assert estate.link("partner")["reasons"][0]["evidence"] == "it is a delegation"

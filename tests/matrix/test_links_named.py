"""Identities that the matrix names, and what people decided: surest, and never another client's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nhiscan.records import Trust
from tests.matrix.linked import SOURCE, Linked, does, instance
from tests.ownership.estate import AT, identity_id

APRIL = datetime(2026, 4, 1, tzinfo=UTC)
KEEPER = "arn:aws:iam::111122223333:user/keeper"


@pytest.fixture
def estate(tmp_path: Path) -> Linked:
    return Linked(tmp_path)


def backup(*ids: str, tenant: str = "acme", **fields: Any) -> dict[str, Any]:
    operators = [{"id": one} for one in ids]
    return instance(f"{tenant}/backup", "A1.2", operated_by=operators, **fields)


@pytest.mark.parametrize(
    "text", [KEEPER, f"aws:{KEEPER}", "AIDAKEEPER", identity_id("acme", "keeper")]
)
def test_an_operator_is_named_in_any_form(estate: Linked, text: str) -> None:
    estate.client("acme", backup(text))
    keeper = does("keeper", "write", native_id=KEEPER, immutable_id="AIDAKEEPER", used=APRIL)
    estate.scan({"acme": keeper + does("other", "write")})

    link = estate.link("keeper")

    assert set(estate.links()) == {"keeper"}
    assert (link["state"], link["confidence"], link["grade"]) == ("linked", 1.0, "operates")
    assert link["reasons"][0]["reason"] == f"the matrix names {text}"
    assert link["reasons"][0]["evidence"] == "clients/acme.yaml:16"


@pytest.mark.parametrize("text", [f"gcp:{KEEPER}", "keeper", KEEPER + "-2"])
def test_what_names_nobody_links_nobody(estate: Linked, text: str) -> None:
    estate.client("acme", backup(text))
    estate.scan({"acme": does("keeper", "write", native_id=KEEPER)})

    assert estate.links() == {}


def test_another_clients_identity_never_operates(estate: Linked) -> None:
    estate.client("acme", backup(KEEPER))
    estate.scan({"beta": does("keeper", "backup", native_id=KEEPER)})

    assert estate.links() == {}


def test_people_are_linked_where_they_are_named(estate: Linked) -> None:
    estate.client("acme", backup(KEEPER))
    estate.scan({"acme": does("keeper", "write", native_id=KEEPER, class_="human")})

    assert estate.link("keeper")["state"] == "linked"


def test_an_id_of_several_says_so(estate: Linked) -> None:
    estate.client("acme", backup("AIDATWICE"))
    records = does("one", "write", immutable_id="AIDATWICE")
    estate.scan({"acme": records, "acme-labs": does("two", "write", immutable_id="AIDATWICE")})

    assert set(estate.links()) == {"one", "two"}
    assert "what 2 identities are called" in estate.link("one")["reasons"][0]["reason"]


def test_the_clients_own_go_before_the_msps(estate: Linked) -> None:
    estate.client("acme", backup("AIDATWICE"))
    records = {
        "acme": does("own", "write", immutable_id="AIDATWICE"),
        "northwind": does("msps", "write", immutable_id="AIDATWICE"),
    }
    estate.scan(records)

    assert set(estate.links()) == {"own"}


def test_a_namesake_made_again_is_for_a_person_to_confirm(estate: Linked) -> None:
    estate.client("acme", backup(KEEPER))
    estate.scan({"acme": does("first", "backup", native_id=KEEPER)})
    later = AT + timedelta(days=10)
    estate.scan({"acme": does("second", "read", native_id=KEEPER)}, at=later)

    link = estate.link("second")

    assert (link["state"], link["confidence"]) == ("suggested", pytest.approx(0.60))
    assert "another identity of that name was meant" in link["reasons"][0]["reason"]

    estate.decide("acme/backup", identity_id("acme", "second"), "confirm", at=later)

    assert (estate.link("second")["state"], estate.link("second")["confidence"]) == ("confirmed", 1)


def test_the_msps_own_operates_by_its_rights_at_the_client(estate: Linked) -> None:
    arn = "arn:aws:iam::900000000001:user/tool"
    tool = {"northwind": does("tool", "admin", native_id=arn, used=APRIL)}
    estate.client("acme", backup(arn))
    estate.client("beta", backup(arn, tenant="beta"))
    trust = Trust(
        identity="entry",
        principal=arn,
        principal_kind="user",
        principal_account="900000000001",
        principal_native_id=arn,
        guard="externalid",
        verdict="guarded",
        reason="",
        source=SOURCE,
    )
    entry = does("entry", "backup", native_id="arn:aws:iam::111122223333:role/entry", kind="role")
    estate.scan({**tool, "acme": [*entry, trust], "beta": does("nobody", "read")})

    acme, beta = estate.link("tool", "acme/backup"), estate.link("tool", "beta/backup")

    assert acme["tenant_id"] == "acme"
    assert acme["identity_tenant_id"] == "northwind"
    assert (
        acme["grade"] == "can_change"
    )  # by the role that trusts it; not by what it may do at home
    assert beta["grade"] == "reads"
    assert "use: what is read of it does not tell at which client" in acme["unread"]


def test_decisions_hold_and_the_newest_counts(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    keeper = identity_id("acme", "keeper")
    estate.scan({"acme": does("keeper", "backup", role="AWSBackupFullAccess")})

    estate.decide("acme/backup", keeper, "reject", at=AT + timedelta(hours=1))
    rejected = estate.link("keeper")
    estate.again(AT + timedelta(hours=2))

    assert (rejected["state"], estate.link("keeper")["state"]) == ("rejected", "rejected")
    assert rejected["reasons"][-1]["reason"] == "rejected by dana"
    assert rejected["basis"] == ["role", "action_class"]

    estate.decide("acme/backup", keeper, "confirm", at=AT + timedelta(hours=3))
    confirmed = estate.link("keeper")

    assert (confirmed["state"], confirmed["confidence"]) == ("confirmed", 1.0)
    assert confirmed["basis"][0] == "confirmed"


def test_what_is_rejected_is_linked_no_more_even_where_the_matrix_names_it(estate: Linked) -> None:
    estate.client("acme", backup(KEEPER))
    estate.scan({"acme": does("keeper", "backup", native_id=KEEPER)})
    estate.decide("acme/backup", identity_id("acme", "keeper"), "reject")

    assert estate.link("keeper")["state"] == "rejected"


def test_a_decision_never_reaches_into_another_client(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"beta": does("foreign", "backup")})
    estate.decide("acme/backup", identity_id("beta", "foreign"), "confirm")

    assert estate.links() == {}

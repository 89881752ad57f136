"""How references are read out of what clouds say, and what they match."""

import pytest

from nhiscan.config.model import Party
from nhiscan.ownership.matching import Roster
from nhiscan.ownership.references import references
from tests.ownership.estate import GROUPS, party


def roster(*parties: Party) -> Roster:
    groups = {"acme": "acme", "beta": "beta", "northwind": "northwind", **GROUPS}
    return Roster(parties, groups, "northwind")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dana@acme.example", ["dana@acme.example"]),
        ("mailto:dana@acme.example", ["dana@acme.example"]),
        ("Dana Reyes <dana@acme.example>", ["dana@acme.example"]),
        ("dana@acme.example; priya@acme.example", ["dana@acme.example", "priya@acme.example"]),
        ("dana@acme.example dana@acme.example.", ["dana@acme.example"]),
        ("arn:aws:sts::1:assumed-role/Admin/dana@acme.example", ["dana@acme.example"]),
        ("Dana Reyes, Priya Nair", ["Dana Reyes", "Priya Nair"]),
        ("Research & Development", ["Research", "Development"]),
        ("cloud-ops", ["cloud-ops"]),
        ("", [""]),
        (" , ", [" , "]),
    ],
)
def test_references(text: str, found: list[str]) -> None:
    assert references(text) == found


def test_order_is_address_former_address_id_name() -> None:
    known = roster(
        party("e1", name="Dana Reyes", email="dana@acme.example", aliases=("dr@old.example",)),
        party("dana@acme.example", name="Other", email="other@acme.example"),
        party("e3", name="e1", email="e3@acme.example"),
    )
    assert known.match("DANA@acme.example", "acme").party_id == "e1"
    assert known.match("dr@old.example", "acme").party_id == "e1"
    assert known.match("e1", "acme").party_id == "e1"
    assert known.match("dana  REYES", "acme").party_id == "e1"


def test_of_two_rows_with_one_address_the_active_one_is_meant() -> None:
    address = "it@acme.example"
    known = roster(
        party("old", email=address, employment="left"),
        party("new", email=address),
        party("away", email=address, employment="leave"),
    )
    assert known.match(address, "acme").party_id == "new"


def test_two_active_rows_with_one_address_are_not_guessed_at() -> None:
    known = roster(party("a", email="it@acme.example"), party("b", email="it@acme.example"))
    match = known.match("it@acme.example", "acme")
    assert match.party_id is None
    assert "2 parties" in match.why


def test_homonyms_are_not_guessed_at_even_if_one_has_left() -> None:
    known = roster(
        party("a", name="Alex Kim"), party("b", name="alex  kim", employment="left", org="msp")
    )
    assert known.match("Alex Kim", "acme").party_id is None


def test_a_client_names_its_own_people_and_the_msps_and_nobody_elses() -> None:
    known = roster(
        party("own", org="client:acme"),
        party("msp", org="msp"),
        party("tool", org="sub:backup-house"),
        party("theirs", org="client:beta"),
    )
    for group, seen in (
        ("acme", {"own", "msp", "tool"}),
        ("beta", {"msp", "tool", "theirs"}),
        ("northwind", {"own", "msp", "tool", "theirs"}),
    ):
        matches = (
            known.match(f"{p}@acme.example", group) for p in ("own", "msp", "tool", "theirs")
        )
        assert {m.party_id for m in matches} - {None} == seen


def test_tenants_of_one_group_share_their_people() -> None:
    known = roster(party("lab", org="client:acme-labs"))
    assert known.match("lab", "acme").party_id == "lab"


def test_letters_that_only_look_alike_name_nobody_and_are_told() -> None:
    known = roster(party("dana", email="dana@acme.example"))
    cyrillic = known.match("d\u0430na@acme.example", "acme")
    hidden = known.match("dana\u200b@acme.example", "acme")
    assert cyrillic.party_id is None
    assert "outside ASCII" in cyrillic.why
    assert hidden.party_id is None
    assert "do not show" in hidden.why


def test_composed_and_decomposed_letters_are_the_same() -> None:
    known = roster(party("asa", name="\u00c5sa \u00d6berg"))
    assert known.match("A\u030asa O\u0308berg", "acme").party_id == "asa"

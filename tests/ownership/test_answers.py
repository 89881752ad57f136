"""What people's answers change, and what becomes of them when clouds and rosters change."""

from datetime import timedelta

import pytest

from nhiscan.config.model import RosterFile
from tests.graph.test_applications import principal, registration
from tests.ownership.estate import ACCOUNTS, AT, Estate, identity, identity_id, party
from tests.ownership.test_resolve import DANA, creator, explanation, tagged

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def roster(estate: Estate) -> None:
    estate.parties = [party("dana.reyes"), party("priya.nair"), party("tom.becker")]


def test_what_is_said_of_a_registration_holds_for_its_principal(estate: Estate) -> None:
    records = [registration("reg", part_of="sp"), *principal("sp", ACCOUNTS["acme"])]
    estate.scan({"acme": records})
    estate.answer(identity_id("acme", "reg"), "dana.reyes", AT + DAY)
    for name in ("reg", "sp"):
        found = estate.one("acme", name)
        assert (found["owner_status"], found["owner_id"]) == ("attested", "dana.reyes")


def test_an_answer_about_a_namesake_that_is_gone_does_not_count(estate: Estate) -> None:
    estate.scan({"acme": [identity("bot")]})
    estate.answer(identity_id("acme", "bot"), "dana.reyes", AT + DAY)
    assert estate.one("acme", "bot")["owner_status"] == "attested"
    again = identity("bot", created_at=AT + 2 * DAY)
    estate.scan({"acme": [again]}, at=AT + 3 * DAY)
    assert estate.one("acme", "bot")["owner_status"] == "unowned"


def test_answers_make_history_once(estate: Estate) -> None:
    records = {"acme": [tagged("bot", "priya.nair")]}
    estate.scan(records)
    estate.answer(identity_id("acme", "bot"), "dana.reyes", AT + DAY)
    tables = ("ownership_claim", "resolution")
    before = {name: estate.rows(f"FROM {name}_version ORDER BY ALL") for name in tables}
    estate.scan(records, at=AT + 2 * DAY)
    assert {name: estate.rows(f"FROM {name}_version ORDER BY ALL") for name in tables} == before
    statuses = estate.rows("SELECT owner_status FROM resolution_version ORDER BY valid_from")
    assert [row["owner_status"] for row in statuses] == ["declared", "attested"]


def test_an_attested_owner_who_leaves_is_remembered_and_never_returned(estate: Estate) -> None:
    estate.scan({"acme": [identity("bot")]})
    estate.answer(identity_id("acme", "bot"), "tom.becker", AT + DAY)
    estate.parties[2] = party("tom.becker", employment="left")
    estate.scan({"acme": [identity("bot")]}, at=AT + 2 * DAY)
    found = estate.one("acme", "bot")
    assert (found["owner_status"], found["owner_id"]) == ("orphaned", None)
    assert found["last_known_owner_id"] == "tom.becker"


def test_an_attested_owner_who_moved_to_another_client_is_no_answer_here(estate: Estate) -> None:
    estate.scan({"acme": [identity("bot")]})
    estate.answer(identity_id("acme", "bot"), "tom.becker", AT + DAY)
    estate.parties[2] = party("tom.becker", org="client:beta")
    estate.scan({"acme": [identity("bot")]}, at=AT + 2 * DAY)
    assert estate.one("acme", "bot")["owner_status"] == "unowned"
    claims = estate.rows("SELECT party_id, outcome FROM ownership_claims")
    assert claims == [{"party_id": None, "outcome": "no owner: it names nobody in the roster now"}]


def test_a_stale_roster_is_told_where_it_matters(estate: Estate) -> None:
    estate.rosters = (RosterFile(file="people.csv", written_at="2026-04-01T00:00:00+00:00"),)
    records = [
        tagged("known", DANA),
        tagged("stranger", "j.doe@acme.example"),
        identity("nobody"),
        identity("made"),
        creator("made", "priya.nair"),
    ]
    estate.scan({"acme": records})
    text = "roster: last written 2026-04-01, over 7 days ago"
    assert estate.one("acme", "known")["owner_confidence"] == pytest.approx(0.72)
    assert explanation(estate, "known")["roster"] == text
    # who is named may have come since; where nobody is named a newer roster changes nothing
    assert estate.one("acme", "stranger")["owner_unread"] == [text]
    assert estate.one("acme", "nobody")["owner_unread"] == []
    assert explanation(estate, "nobody")["roster"] is None
    before = estate.rows("FROM resolution_version ORDER BY ALL")
    estate.scan({"acme": records}, at=AT + timedelta(minutes=10))
    assert estate.rows("FROM resolution_version ORDER BY ALL") == before


def test_a_fresh_roster_says_nothing(estate: Estate) -> None:
    estate.rosters = (RosterFile(file="people.csv", written_at="2026-04-25T00:00:00+00:00"),)
    estate.scan({"acme": [tagged("known", DANA)]})
    assert estate.one("acme", "known")["owner_confidence"] == pytest.approx(0.8)
    assert explanation(estate, "known")["roster"] is None

"""The codes of ownership (governance 3.4): what fails, what passes, and the guards."""

from datetime import timedelta

import pytest

from tests.ownership.estate import AT, Estate, identity, identity_id, party
from tests.ownership.test_resolve import creator, owner, tagged

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def roster(estate: Estate) -> None:
    estate.parties = [
        party("ann"),
        party("lee", manager="ann"),
        party("mei", employment="leave"),
        party("tom", employment="left"),
        party("ops", kind="team"),
        party("noc", kind="team", manager="ann"),
    ]


def test_each_code_fails_and_passes(estate: Estate) -> None:
    young = AT - DAY
    estate.scan(
        {
            "acme": [
                identity("nobodys"),
                identity("young", created_at=young),
                identity("vendors", class_="platform"),
                identity("off", enabled=False),
                identity("person", class_="human"),
                tagged("orphan", "tom"),
                identity("rivals", tags={"owner": "ann", "contact": "lee"}),
                tagged("alone", "ann"),
                tagged("away", "mei"),
                tagged("managed", "lee"),
                tagged("new", "ann", created_at=young),
                identity("inferred"),
                owner("inferred", "lee"),
                identity("guessed"),
                creator("guessed", "lee"),
                tagged("team", "ops"),
                tagged("led", "noc"),
            ]
        }
    )
    assert estate.judge(AT) == {
        "OWN-01": {"nobodys"},
        "OWN-02": {"orphan"},
        "OWN-03": {"rivals"},
        "OWN-04": {"alone", "away", "led"},
        "OWN-05": {"inferred", "guessed", "led"},
        "OWN-06": {"team"},
    }
    severity = {
        row["name"]: row["severity"]
        for row in estate.rows(
            "SELECT i.name, f.severity FROM findings f JOIN identities i USING (identity_id)"
            " WHERE f.rule = 'OWN-04'"
        )
    }
    assert (severity["alone"], severity["away"]) == ("low", "medium")


def test_of_what_operates_a_control_a_suggested_owner_is_none(estate: Estate) -> None:
    estate.scan({"acme": [identity("guessed"), creator("guessed", "lee")]})
    found = estate.judge(AT, operating=["guessed"])
    assert (found.get("OWN-01"), found.get("OWN-05")) == ({"guessed"}, None)
    [row] = estate.rows("SELECT title FROM findings WHERE rule = 'OWN-01'")
    assert row["title"] == "guessed operates a control and has only a suggested owner"


def test_an_attestation_is_asked_for_again_after_its_time(estate: Estate) -> None:
    records = [
        tagged("declared", "ann"),
        tagged("admin", "ann", privilege="admin"),
        identity("said"),
        identity("said-admin", privilege="admin"),
        identity("nobodys"),
    ]
    estate.scan({"acme": records})
    for name in ("said", "said-admin"):
        estate.answer(identity_id("acme", name), "ann", AT + DAY)
    days = {
        89: set(),
        90: {"admin"},
        91: {"admin", "said-admin"},
        179: {"admin", "said-admin"},
        180: {"admin", "said-admin", "declared"},
        181: {"admin", "said-admin", "declared", "said"},
    }
    for day, overdue in days.items():
        assert estate.judge(AT + day * DAY).get("OWN-07", set()) == overdue, day
    estate.answer(identity_id("acme", "said"), "ann", AT + 182 * DAY)
    assert "said" not in estate.judge(AT + 183 * DAY)["OWN-07"]


def test_an_inferred_owner_who_confirmed_once_is_overdue_and_not_unconfirmed(
    estate: Estate,
) -> None:
    estate.scan({"acme": [identity("app"), owner("app", "lee")]})
    assert estate.judge(AT)["OWN-05"] == {"app"}
    estate.answer(identity_id("acme", "app"), "lee", AT + DAY)
    assert "OWN-05" not in estate.judge(AT + 2 * DAY)
    later = AT + 200 * DAY
    estate.scan({"acme": [identity("app"), owner("app", "lee")]}, at=later)
    assert estate.one("acme", "app")["owner_status"] == "inferred"
    found = estate.judge(later)
    assert (found.get("OWN-05"), found.get("OWN-07")) == (None, {"app"})

"""What the resolver concludes from tags, creators and contacts, scan by scan."""

import json
from datetime import timedelta
from typing import Any

import pytest

from nhiscan.records import Claim
from tests.ownership.estate import AT, Estate, identity, identity_id, party

DAY = timedelta(days=1)
DANA = "dana.reyes@acme.example"


def creator(name: str, reference: str, days: int = 10, **fields: Any) -> Claim:
    return Claim(
        subject="identity",
        key=name,
        reference=reference,
        signal="S7",
        role="operator",
        observed_at=AT - timedelta(days=days),
        evidence="CloudTrail: CreateUser",
        source="cloudtrail.creators",
        **fields,
    )


def contact(account: str, reference: str) -> Claim:
    return Claim(
        subject="account",
        key=account,
        reference=reference,
        signal="S12",
        role="accountable",
        evidence="security contact of the account",
        source="account.contacts",
    )


def tagged(name: str, value: str, key: str = "owner", **fields: Any) -> Any:
    return identity(name, tags={key: value}, **fields)


@pytest.fixture(autouse=True)
def roster(estate: Estate) -> None:
    estate.parties = [
        party("dana.reyes", aliases=("dana@old.example",)),
        party("priya.nair", manager="dana.reyes"),
        party("tom.becker", employment="left", manager="dana.reyes"),
        party("mei.tanaka", employment="leave"),
        party("kim.roe", employment="unknown"),
        party("cloud-ops", kind="team", org="msp", email="cloud-ops@northwind.example"),
        party("uma", org="client:beta", email="uma@beta.example"),
        party("lea", manager="uma"),
    ]


@pytest.mark.parametrize(
    ("tags", "status", "owner"),
    [
        ({"Owner": "DANA.REYES@acme.example"}, "declared", "dana.reyes"),
        ({"OWNER-EMAIL": "dana@old.example"}, "declared", "dana.reyes"),
        ({"technical-owner": "Dana Reyes"}, "declared", "dana.reyes"),
        ({"owner": "mei.tanaka"}, "declared", "mei.tanaka"),
        ({"owner": "kim.roe"}, "declared", "kim.roe"),
        ({"owner": "tom.becker"}, "orphaned", None),
        ({"owner": DANA, "service-owner": "priya.nair"}, "conflict", None),
        ({"owner": f"{DANA}, priya.nair@acme.example"}, "conflict", None),
        ({"owner": DANA, "contact": "tom.becker"}, "declared", "dana.reyes"),
        ({"team": "cloud-ops"}, "team_only", "cloud-ops"),
        ({"team": "cloud-ops", "owner": "mei.tanaka"}, "declared", "mei.tanaka"),
        ({"owner": "T B D"}, "unowned", None),
        ({"owner": "N/A"}, "unowned", None),
        ({"owner": ""}, "unowned", None),
        ({"owner": "j.doe@elsewhere.example"}, "unowned", None),
        ({"owner": "uma@beta.example"}, "unowned", None),
        ({"purpose": DANA}, "unowned", None),
        ({}, "unowned", None),
    ],
)
def test_tags(estate: Estate, tags: dict[str, str], status: str, owner: str | None) -> None:
    estate.scan({"acme": [identity("one", tags=tags)]})
    found = estate.one("acme", "one")
    assert (found["owner_status"], found["owner_id"]) == (status, owner)


def test_leavers_are_remembered_and_their_manager_stands_in_weakly(estate: Estate) -> None:
    estate.scan({"acme": [tagged("one", "tom.becker"), tagged("two", "priya.nair")]})
    assert estate.one("acme", "one")["last_known_owner_id"] == "tom.becker"
    assert estate.one("acme", "one")["backup_id"] == "dana.reyes"
    assert estate.one("acme", "two")["backup_id"] == "dana.reyes"
    told = explanation(estate, "two")
    assert told["backup"] == "manager (weak)"


def test_another_clients_manager_never_stands_in(estate: Estate) -> None:
    estate.scan({"acme": [tagged("one", "lea")]})
    assert estate.one("acme", "one")["owner_id"] == "lea"
    assert estate.one("acme", "one")["backup_id"] is None


def test_creators_suggest_and_with_a_contact_infer(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                identity("one"),
                creator("one", "arn:aws:sts::1:assumed-role/Admin/dana.reyes@acme.example"),
                identity("two"),
                creator("two", "pipeline", by_machine=True),
                identity("three"),
                creator("three", "tom.becker"),
            ],
            "beta": [
                identity("four"),
                creator("four", "uma"),
                contact("555566667777", "uma@beta.example"),
            ],
        }
    )
    rows = estate.rows("SELECT name, owner_status, owner_id, created_by FROM identities")
    assert {tuple(row.values()) for row in rows} == {
        ("one", "suggested", "dana.reyes", "dana.reyes@acme.example"),
        ("two", "unowned", None, "pipeline"),
        ("three", "orphaned", None, "tom.becker"),
        ("four", "inferred", "uma", "uma"),
    }


def test_a_contact_alone_owns_nothing(estate: Estate) -> None:
    estate.account_tags = {"Owner": DANA, "cost": "7"}
    estate.scan({"acme": [identity("one"), contact("111122223333", DANA)]})
    assert estate.one("acme", "one")["owner_status"] == "unowned"
    claims = estate.rows(
        "SELECT signal, party_id, evidence FROM ownership_claims ORDER BY evidence"
    )
    assert [tuple(claim.values()) for claim in claims] == [
        ("S12", "dana.reyes", "security contact of the account"),
        ("S12", "dana.reyes", "tag Owner of the account"),
    ]


def test_platform_identities_have_no_owner_question(estate: Estate) -> None:
    estate.scan({"acme": [tagged("one", DANA, class_="platform")]})
    assert estate.one("acme", "one")["owner_status"] == "platform"
    assert estate.rows("FROM ownership_claims") == []


def test_every_claim_is_kept_with_its_outcome(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                identity("one", tags={"owner": "todo", "team": "j.doe@elsewhere.example"}),
                creator("one", "ci", by_machine=True),
            ]
        }
    )
    rows = estate.rows("SELECT party_id, reference, outcome FROM ownership_claims ORDER BY 2")
    assert [tuple(row.values()) for row in rows] == [
        (None, "ci", "no owner: made by an automation"),
        (None, "j.doe@elsewhere.example", "no owner: it names nobody in the roster"),
        (None, "todo", "no owner: a placeholder, which is no owner"),
    ]
    assert explanation(estate, "one")["next"].endswith("j.doe@elsewhere.example")


def explanation(estate: Estate, name: str, tenant: str = "acme") -> Any:
    [row] = estate.rows(
        "SELECT explanation FROM resolutions WHERE identity_id = ?", identity_id(tenant, name)
    )
    return json.loads(row["explanation"])


def test_a_tag_is_as_old_as_its_last_change(estate: Estate) -> None:
    values = ["priya.nair", DANA, DANA, DANA]
    for number, value in enumerate(values):
        # another tag changes all the time: that is no change of the owner's
        tags = {"owner": value, "build": str(number)}
        estate.scan({"acme": [identity("one", tags=tags)]}, at=AT + number * DAY)
    [claim] = estate.rows("SELECT party_id, observed_at FROM ownership_claims")
    assert claim == {"party_id": "dana.reyes", "observed_at": AT + DAY}


def test_a_tag_that_went_and_came_back_is_as_old_as_its_return(estate: Estate) -> None:
    for number, tags in enumerate([{"owner": DANA}, {"x": "y"}, {"owner": DANA}]):
        estate.scan({"acme": [identity("one", tags=tags)]}, at=AT + number * DAY)
    [claim] = estate.rows("SELECT observed_at FROM ownership_claims")
    assert claim["observed_at"] == AT + 2 * DAY


def test_confidence_decays_and_the_verdict_of_a_tag_does_not(estate: Estate) -> None:
    one = tagged("one", DANA)
    estate.scan({"acme": [one]})
    assert estate.one("acme", "one")["owner_confidence"] == pytest.approx(0.8)
    estate.scan({"acme": [one]}, at=AT + 365 * DAY)
    found = estate.one("acme", "one")
    assert found["owner_confidence"] == pytest.approx(0.4)
    assert found["owner_status"] == "declared"


def test_the_same_facts_make_no_history(estate: Estate) -> None:
    records = {
        "acme": [tagged("one", DANA), identity("two"), creator("two", "tom.becker")],
        "beta": [tagged("three", "todo"), contact("555566667777", "uma")],
    }
    estate.scan(records)
    tables = ("tenant", "party", "trust_relation", "ownership_claim", "resolution", "shared")
    before = {name: estate.rows(f"FROM {name}_version ORDER BY ALL") for name in tables}
    estate.scan(records, at=AT + timedelta(minutes=10))
    assert {name: estate.rows(f"FROM {name}_version ORDER BY ALL") for name in tables} == before


def test_a_leaver_in_the_roster_changes_the_answer_and_history_keeps_the_old(
    estate: Estate,
) -> None:
    estate.scan({"acme": [tagged("one", DANA)]})
    estate.parties[0] = party("dana.reyes", employment="left")
    estate.scan({"acme": [tagged("one", DANA)]}, at=AT + DAY)
    rows = estate.rows("SELECT owner_status, valid_to FROM resolution_version ORDER BY valid_from")
    assert [tuple(row.values()) for row in rows] == [("declared", AT + DAY), ("orphaned", None)]


def test_denied_creators_matter_to_what_was_made_within_their_window(estate: Estate) -> None:
    young, old = AT - 20 * DAY, AT - 200 * DAY
    estate.scan(
        {
            "acme": [
                identity("young", created_at=young),
                identity("old", created_at=old),
                identity("ageless", created_at=None),
            ]
        },
        unread={"cloudtrail.creators": "denied"},
    )
    assert estate.one("acme", "young")["owner_unread"] == ["cloudtrail.creators (global): denied"]
    assert estate.one("acme", "ageless")["owner_unread"]
    assert estate.one("acme", "old")["owner_unread"] == []


def test_unread_tags_contacts_and_sources_not_asked_are_told(estate: Estate) -> None:
    unread: Any = {"account.contacts": "denied", "iam.authorization_details": "partial"}
    estate.scan(
        {"acme": [identity("one")], "beta": [identity("two")]},
        unread=unread,
        missing=["cloudtrail.creators"],
    )
    estate.scan({"beta": [identity("two")]}, at=AT + DAY)
    assert estate.one("acme", "one")["owner_unread"] == [
        "account.contacts (global): denied",
        "iam.authorization_details (global): partial",
    ]
    assert estate.one("beta", "two")["owner_unread"] == []


def test_tags_that_an_adapter_cannot_read_are_told(estate: Estate) -> None:
    estate.scan({"acme": [identity("one", attributes={"tags_unread": "not listed by the API"})]})
    assert estate.one("acme", "one")["owner_unread"] == ["tags: not listed by the API"]


def test_without_a_roster_nobody_is_called_unknown_for_sure(estate: Estate) -> None:
    estate.parties = []
    estate.scan({"acme": [tagged("one", DANA), identity("two")]})
    assert estate.one("acme", "one")["owner_unread"] == ["roster: none is configured"]
    assert estate.one("acme", "two")["owner_unread"] == []


def test_two_clients_users_of_one_name_never_meet(estate: Estate) -> None:
    estate.scan({"acme": [tagged("backup", DANA)], "beta": [identity("backup")]})
    assert estate.one("acme", "backup")["owner_id"] == "dana.reyes"
    assert estate.one("beta", "backup")["owner_id"] is None


def test_hostile_tags_resolve_to_nobody_and_stay_verbatim(estate: Estate) -> None:
    values = [
        "A" * 10_000,
        "@" * 10_000,
        "a@" * 5_000,
        "\x1b[2J\x07owned",
        "'; DROP TABLE identity_version; --",
        '{"party_id": "dana.reyes"}',
        "\u202edana",
        "dana.reyes\u0000",
        "\ud83d\ude00" * 100,
        "=cmd|' /C calc'!A0",
        "%s %d {0} $owner",
    ]
    values = [v.encode("utf-16", "surrogatepass").decode("utf-16") for v in values]
    estate.scan({"acme": [tagged(f"n{i}", value) for i, value in enumerate(values)]})
    statuses = {row["owner_status"] for row in estate.rows("FROM identities")}
    assert statuses == {"unowned"}
    claims = estate.rows("FROM ownership_claims")
    outcomes = {row["reference"]: row["outcome"] for row in claims}
    references = set(outcomes)
    assert outcomes["A" * 10_000] == "no owner: it is longer than any name or address"
    assert "dana.reyes\u0000" in references
    keys = {"ow\"ner'": DANA, "owner\u0000": DANA, "": DANA, "$.owner": DANA}
    estate.scan({"acme": [identity("odd", tags=keys)]}, at=AT + DAY)
    assert estate.one("acme", "odd")["owner_status"] == "unowned"


def test_a_conflict_names_its_candidates_and_the_numbers_behind_it(estate: Estate) -> None:
    tags = {"owner": DANA, "contact": "priya.nair"}
    estate.scan({"acme": [identity("one", tags=tags), creator("one", "mei.tanaka")]})
    told = explanation(estate, "one")
    assert told["candidates"] == ["dana.reyes", "priya.nair"]
    assert told["thresholds"]["margin"] == 0.15
    assert [claim["signal"] for claim in told["claims"]] == ["S3", "S3", "S7"]
    assert estate.one("acme", "one")["backup_id"] is None


def test_an_estate_without_anything_resolves(estate: Estate) -> None:
    estate.scan({})
    estate.scan({"acme": []}, at=AT + DAY)
    assert estate.rows("FROM identities") == []
    assert len(estate.rows("FROM tenants")) == 5


def test_what_vanishes_takes_its_conclusions_along(estate: Estate) -> None:
    estate.scan({"acme": [tagged("one", DANA)]})
    estate.scan({"acme": []}, at=AT + DAY)
    assert estate.rows("FROM resolutions") == []
    assert estate.rows("FROM ownership_claims") == []
    [then] = estate.rows("FROM resolutions_history")
    assert (then["owner_id"], then["valid_to"]) == ("dana.reyes", AT + DAY)


def test_no_temporary_table_is_left(estate: Estate) -> None:
    from nhiscan.scan.resolve import resolve
    from nhiscan.store.revision import revise

    estate.scan({"acme": [tagged("one", DANA)]})
    with revise(estate.store, AT + DAY) as revision:
        resolve(revision, estate.config, AT + DAY)
        left = revision.con.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary")
        assert left.fetchone() == (0,)


def owner(key: str, reference: str, signal: str = "S4", **fields: Any) -> Claim:
    role: Any = "backup" if signal == "S6" else "accountable"
    defaults: dict[str, Any] = {
        "subject": "identity",
        "evidence": "owner in the directory",
        "source": "cloudtrail.creators",
    }
    return Claim(key=key, reference=reference, signal=signal, role=role, **{**defaults, **fields})


def test_a_directorys_owner_and_sponsor_are_inferred_and_their_manager_is_a_weak_backup(
    estate: Estate,
) -> None:
    estate.scan(
        {
            "acme": [
                identity("app"),
                owner("app", DANA),
                owner("app", "priya.nair@acme.example", "S6"),
                identity("agent"),
                owner("agent", DANA, "S5"),
            ]
        }
    )
    assert estate.one("acme", "app")["owner_status"] == "inferred"
    assert estate.one("acme", "app")["owner_id"] == "dana.reyes"
    assert estate.one("acme", "app")["backup_id"] == "priya.nair"
    assert estate.one("acme", "agent")["owner_status"] == "inferred"


def test_an_account_that_the_platform_disabled_is_a_leavers_whatever_the_roster_says(
    estate: Estate,
) -> None:
    estate.scan(
        {
            "acme": [
                identity("known"),
                owner("known", DANA, departed=True),
                identity("stranger"),
                owner("stranger", "nobody@acme.example", departed=True),
                identity("both"),
                owner("both", DANA, departed=True),
                owner("both", DANA, "S5"),
                identity("unsure", tags={"owner": "somebody@elsewhere.example"}),
                owner("unsure", "nobody@acme.example", departed=True),
                identity("bot"),
                owner("bot", "a pipeline", by_machine=True, departed=True),
            ]
        }
    )
    known = estate.one("acme", "known")
    assert (known["owner_status"], known["owner_id"]) == ("orphaned", None)
    assert known["last_known_owner_id"] == "dana.reyes"
    stranger = estate.one("acme", "stranger")
    assert (stranger["owner_status"], stranger["owner_id"]) == ("orphaned", None)
    # whom the tag names may be here: unknown is not gone
    assert estate.one("acme", "unsure")["owner_status"] == "unowned"
    assert estate.one("acme", "bot")["owner_status"] == "unowned"
    # another account of the same person still works
    assert estate.one("acme", "both")["owner_id"] == "dana.reyes"

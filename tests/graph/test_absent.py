"""`nhiscan absent`: what nobody covers, and nothing that somebody does."""

import json
from pathlib import Path
from typing import Any

import pytest

from nhiscan.config.model import Vendor
from tests.graph.test_path_command import nhiscan
from tests.graph.test_relations import of_account, role
from tests.matrix.linked import Linked, instance
from tests.ownership.estate import ACCOUNTS, AT, identity, party

VENDOR = "222233334444"


@pytest.fixture
def estate(tmp_path: Path) -> Linked:
    made = Linked(tmp_path)
    made.parties = [
        party("dana", org="msp"),
        party("lee", org="msp"),
        party("gone", org="msp", employment="left"),
        party("away", org="msp", employment="leave"),
        party("cto", org="client:acme"),
        party("noc", org="msp", kind="team"),
    ]
    return made


def owned(name: str, owner: str, backup: str | None = None) -> Any:
    tags = {"owner": owner} | ({"backup-owner": backup} if backup else {})
    return identity(name, tags=tags)


def absent(estate: Linked, *arguments: str) -> list[dict[str, Any]]:
    done = nhiscan(estate, "absent", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def roles(rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(row["instance_id"] or row["title"], row["role"]) for row in rows}


def told(name: str, **fields: Any) -> dict[str, Any]:
    return instance(f"acme/{name}", "A1.2", **fields)


def test_only_what_has_no_working_backup_is_listed(estate: Linked) -> None:
    estate.client(
        "acme",
        told("covered", accountable="dana", backup="lee"),
        told("bare", accountable="dana"),
        told("gone", accountable="dana", backup="gone"),
        told("leave", accountable="dana", backup="away"),
        told("same", accountable="dana", backup="dana"),
        told("team", accountable="dana", backup="noc"),
        told("stranger", accountable="dana", backup="nobody@x.example"),
        told("second", accountable="lee", backup="dana"),
        told("only", accountable="gone", backup="dana"),
        told("others", accountable="lee"),
        told("approved", accountable="lee", backup="away", approver="dana"),
    )
    estate.scan({"acme": [identity("i")]})
    rows = absent(estate, "dana")
    assert roles(rows) == {
        (f"acme/{name}", "accountable")
        for name in ("bare", "gone", "leave", "same", "team", "stranger")
    } | {("acme/only", "backup"), ("acme/approved", "approver")}
    why = {row["instance_id"]: row["why"] for row in rows}
    assert why["acme/bare"] == "nobody stands in"
    assert why["acme/gone"] == "gone: left"
    assert why["acme/leave"] == "away: leave"
    assert why["acme/same"] == "dana is the same"
    assert why["acme/team"] == "noc is a team"
    assert why["acme/stranger"] == "nobody@x.example is in no roster"
    assert why["acme/only"] == "gone: left"


def test_a_period_that_is_over_is_not_today(estate: Linked) -> None:
    estate.client("acme", told("bare", accountable="dana"))
    estate.scan({"acme": [identity("i")]})
    done = nhiscan(estate, "absent", "dana", "--format", "json", env={"NHISCAN_NOW": "2027-01-01"})
    assert json.loads(done.stdout) == []


def test_evidence_that_only_they_keep_is_uncovered(estate: Linked) -> None:
    def kept(name: str, oversight: str | None, **fields: Any) -> dict[str, Any]:
        one = {"who": "msp", "person": "dana", "from": "2026-01-01", "to": None}
        return told(name, custody=[one | ({"oversight": oversight} if oversight else {})], **fields)

    estate.client("acme", kept("alone", None), kept("seen", "lee"), kept("left", "gone"))
    estate.scan({"acme": [identity("i")]})
    found = {(row["instance_id"], row["role"]) for row in absent(estate, "dana")}
    assert found == {("acme/alone", "custodian"), ("acme/left", "custodian")}


def test_identities_are_listed_unless_somebody_who_is_here_stands_in(estate: Linked) -> None:
    estate.scan({"acme": [owned("alone", "dana"), owned("lees", "lee")]})
    rows = absent(estate, "dana@acme.example")
    assert roles(rows) == {("alone", "accountable")}
    assert rows[0]["identity_id"]
    done = nhiscan(estate, "absent", "Dana")
    assert "without Dana (dana): 0 control instances, 1 identities" in done.stderr
    assert "the store has no matrix" in done.stderr


def test_a_vendor_is_let_in_and_has_duties(estate: Linked) -> None:
    estate.vendors = (Vendor(id="sky", name="Skyline", aws_accounts=(VENDOR,)),)
    estate.client(
        "acme",
        told("siem", responsibility="subservice", duties={"monitor": "sub:sky", "respond": "msp"}),
        told("own", duties={"monitor": "msp"}),
    )
    estate.scan({"acme": [role("log", "acme"), of_account("log", VENDOR), role("other", "acme")]})
    for name in ("sky", "Skyline"):
        assert roles(absent(estate, name)) == {
            ("acme/siem", "duties: monitor"),
            ("log", "lets it in"),
        }


def test_the_msp_has_duties(estate: Linked) -> None:
    estate.client(
        "acme",
        told("both", duties={"monitor": "msp", "respond": "msp", "approve": "client"}),
        told("client", duties={"approve": "client"}),
    )
    estate.scan({"acme": [identity("i")], "northwind": [identity("n")]})
    for name in ("northwind", "msp"):
        [row] = absent(estate, name)
        assert row["instance_id"] == "acme/both"
        assert sorted(row["role"].removeprefix("duties: ").split(", ")) == ["monitor", "respond"]


def test_without_the_msp_its_people_are_away_too(estate: Linked) -> None:
    estate.client(
        "acme",
        told("theirs", accountable="dana", backup="lee", approver="cto"),
        told("kept", accountable="dana", backup="cto"),
        told("clients", accountable="cto"),
    )
    estate.scan({"acme": [owned("msps", "dana@acme.example"), owned("ctos", "cto@acme.example")]})
    rows = absent(estate, "northwind")
    assert roles(rows) == {("acme/theirs", "accountable"), ("msps", "accountable")}
    why = {row["instance_id"]: row["why"] for row in rows}
    assert why["acme/theirs"] == "lee is of msp too"


def test_who_is_under_notice_still_stands_in(estate: Linked) -> None:
    estate.parties.append(party("leaver", org="msp", employment="notice"))
    estate.client("acme", told("covered", accountable="dana", backup="leaver"))
    estate.scan({"acme": [identity("i")]})
    assert absent(estate, "dana") == []


def test_an_unknown_party_exits_2_and_names_the_nearest(estate: Linked) -> None:
    estate.scan({"acme": [identity("i")]})
    done = nhiscan(estate, "absent", "dnaa")
    assert done.returncode == 2
    assert "no party named 'dnaa'" in done.stderr
    assert "did you mean dana?" in done.stderr
    assert ACCOUNTS["acme"] not in done.stderr


def test_one_who_has_left_is_answered_and_said_to_have_left(estate: Linked) -> None:
    estate.client("acme", told("bare", accountable="gone"))
    estate.scan({"acme": [identity("i")]}, at=AT)
    assert roles(absent(estate, "gone")) == {("acme/bare", "accountable")}
    assert "left already" in nhiscan(estate, "absent", "gone").stderr

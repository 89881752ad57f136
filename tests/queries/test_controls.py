"""Every rule about control instances finds what breaks it, and nothing in its passing twin."""

from pathlib import Path
from typing import Any

import pytest

from tests.queries.matrix import DUTIES, SPLIT, Matrix, custody, signed

Fields = dict[str, Any]
YEAR = custody("msp", "2026-01-01", "2027-01-01")
SPLIT_UP = [custody("msp", "2026-01-01", "2026-07-01")]
OLD = {"by": "cto", "at": "2025-11-01"}

# name: what the instance says otherwise, the rules that it breaks, and words of their titles.
BROKEN: dict[str, tuple[Fields, dict[str, str]]] = {
    "no-owner": ({"accountable": None}, {"CTL-01": "nobody is named"}),
    "two-owners": ({"accountable": ["dana", "olof"]}, {"CTL-01": "dana, olof are named, not one"}),
    "team": ({"accountable": "noc"}, {"CTL-01": "NOC is a team"}),
    "mailbox": ({"accountable": "alerts@msp.example"}, {"CTL-01": "Alerts is a mailbox"}),
    "leaver": ({"accountable": "rina"}, {"CTL-01": "Rina Patel has left (2026-05-01)"}),
    "stranger": ({"accountable": "who@else.example"}, {"CTL-01": "names nobody in the roster"}),
    "third-party": ({"accountable": "siem"}, {"CTL-01": "Sia Emm is of sub:siem"}),
    # what a client's file writes never names people of another client
    "other-client": ({"accountable": "bob"}, {"CTL-01": "bob names nobody in the roster"}),
    "no-backup": ({"backup": None}, {"CTL-02": "none is named"}),
    "itself": ({"backup": "dana@msp.example"}, {"CTL-02": "dana@msp.example is the owner too"}),
    "left-backup": ({"backup": "rina"}, {"CTL-02": "Rina Patel has left"}),
    "both-away": ({"accountable": "lars", "backup": "mei"}, {"CTL-02": "and Lars Holm is too"}),
    "team-backup": ({"backup": "noc"}, {"CTL-02": "NOC is a team"}),
    "unreachable": ({"backup": "mute"}, {"CTL-02": "no address of Mute Mole"}),
    "foreign-backup": ({"backup": "siem"}, {"CTL-02": "Sia Emm is of sub:siem"}),
    "unsigned": ({"signoff": None}, {"CTL-03": "not signed by the client"}),
    "expired": ({"signoff": {"by": "cto", "at": "2026-01-05", "expires": "2026-11-01"}},
                {"CTL-04": "it ended on 2026-11-01"}),
    "a-year-old": ({"signoff": OLD}, {"CTL-04": "it ended on 2026-11-01"}),
    "edited": ({"signoff": {"by": "cto", "at": "2026-01-05", "covers_sha256": "ab" * 32}},
               {"CTL-04": "the text has changed since"}),
    "unsaid": ({"signoff": {"by": "cto", "at": "2026-01-05", "covers_sha256": None}},
               {"CTL-04": "does not say which text"}),
    "signer-left": ({"signoff": {"by": "gone", "at": "2026-01-05"}},
                    {"CTL-04": "Gus One has left"}),
    "signed-by-msp": ({"signoff": {"by": "dana", "at": "2026-01-05"}},
                      {"CTL-04": "Dana Ruiz is of msp and not of the client"}),
    "signed-ahead": ({"signoff": {"by": "cto", "at": "2026-12-01"}}, {"CTL-04": "still to come"}),
    "no-custody": ({"custody": None}, {"CTL-05": "from 2026-01-01 to 2027-01-01"}),
    "gap": ({"custody": [*SPLIT_UP,
                         custody("msp", "2026-07-06", None)]},
            {"CTL-05": "from 2026-07-01 to 2026-07-06"}),
    "late-start": ({"custody": [custody("msp", "2026-01-02", "2027-01-01")]},
                   {"CTL-05": "from 2026-01-01 to 2026-01-02"}),
    "early-end": ({"custody": [custody("msp", "2025-06-01", "2026-12-31")]},
                  {"CTL-05": "from 2026-12-31 to 2027-01-01"}),
    "overlap": ({"custody": [*SPLIT_UP, custody("msp", "2026-06-30", None)]},
                {"CTL-06": "from 2026-06-30 to 2026-07-01"}),
    "inside": ({"custody": [YEAR, custody("msp", "2026-03-01", "2026-04-01")]},
               {"CTL-06": "from 2026-03-01 to 2026-04-01"}),
    "no-operator": ({"operated_by": None}, {"CTL-07": "names no identity"}),
    "people-unexplained": ({"operated_by": None, "operated_by_human": True},
                           {"CTL-07": "said to be operated by people, without a reason"}),
    "customer-keys": ({"service_model": "cmk"}, {"CTL-08": "leave their logs with the client"}),
    "retained-elsewhere": ({"duties": {**SPLIT, "retain": "client"}},
                           {"CTL-08": "the duty to retain is with client"}),
    "both-revoke": ({"duties": {**SPLIT, "revoke": ["msp", "client"]}},
                    {"CTL-09": "revoke is client's and msp's"}),
    "nobody-revokes": ({"duties": {**SPLIT, "revoke": None}}, {"CTL-09": "revoke is nobody's"}),
    "no-split": ({"duties": {}}, {"CTL-09": "no duty is given to anybody"}),
    "not-applicable": ({"responsibility": "n/a", "duties": {}, "signoff": None},
                       {"CTL-09": "it does not apply, and no reason is given"}),
    "unacknowledged": ({"custody": [*SPLIT_UP, custody("client", "2026-07-01", None)],
                        "duties": {**SPLIT, "retain": "client"}},
                       {"CTL-11": "custody went from msp to client:acme on 2026-07-01"}),
    "other-keeper": ({"custody": [custody("msp", "2026-01-01", "2026-07-01", person="dana"),
                                  custody("msp", "2026-07-01", None, person="olof")]},
                     {"CTL-11": "custody went from dana, msp to olof, msp on 2026-07-01"}),
    "acknowledged-ahead": ({"custody": [*SPLIT_UP, custody("client", "2026-07-01", None,
                                                           handoff_ack="2026-12-01")],
                            "duties": {**SPLIT, "retain": "client"}},
                           {"CTL-11": "on 2026-07-01"}),
    "unwatched": ({"custody": [YEAR | {"oversight": None}]}, {"CTL-12": "nobody is named"}),
    "watches-itself": ({"custody": [YEAR | {"oversight": "dana"}]},
                       {"CTL-12": "dana is of msp, which keeps it"}),
    "watcher-left": ({"custody": [YEAR | {"oversight": "gone"}]}, {"CTL-12": "Gus One has left"}),
    "client-watches-itself": (
        {"custody": [custody("client", "2026-01-01", None, oversight="lab")],
         "duties": {**SPLIT, "retain": "client"}},
        {"CTL-12": "lab is of client:acme, which keeps it"},
    ),
    "sub-watches-itself": (
        {"responsibility": "shared_msp_sub",
         "duties": {**SPLIT, "retain": "subservice"},
         "custody": [custody("subservice", "2026-01-01", None, oversight="siem")]},
        {"CTL-12": "siem is of subservice, which keeps it"},
    ),
}  # fmt: skip

SOUND: dict[str, Fields] = {
    "all-is-well": {},
    "by-address": {"accountable": "Dana@MSP.example", "approver": "cto@acme.example"},
    "owner-on-leave": {"accountable": "lars"},
    "owner-on-notice": {"accountable": "olof"},
    "backup-on-leave": {"backup": "mei"},
    "same-group": {"accountable": "lab", "signoff": {"by": "lab", "at": "2026-01-05"}},
    "client-owned": {"accountable": "cto"},
    "signed-long": {"signoff": {"by": "cto", "at": "2025-02-01", "expires": "2026-11-02"}},
    "signed-today": {"signoff": {"by": "cto", "at": "2026-11-01"}},
    "not-shared": {"responsibility": "msp", "signoff": None},
    "not-shared-old-signature": {
        "responsibility": "msp",
        "signoff": {"by": "cto", "at": "2024-01-05"},
    },
    "half-open": {"custody": [*SPLIT_UP, custody("msp", "2026-07-01", "2027-01-01")]},
    "longer-than-the-period": {"custody": [custody("msp", "2025-01-01", None)]},
    "acknowledged": {
        "custody": [*SPLIT_UP, custody("client", "2026-07-01", None, handoff_ack="2026-07-02")],
        "duties": {**SPLIT, "retain": "client"},
    },
    "hand-off-to-come": {
        "custody": [
            custody("msp", "2026-01-01", "2026-12-01"),
            custody("client", "2026-12-01", None),
        ]
    },
    "by-people": {"operated_by": None, "operated_by_human": True, "notes": "A door key."},
    "own-keys": {
        "service_model": "cmk",
        "custody": [custody("client", "2026-01-01", None)],
        "duties": {**SPLIT, "retain": "client"},
    },
    "six-of-seven": {"duties": {duty: SPLIT[duty] for duty in DUTIES if duty != "respond"}},
    "one-in-a-list": {"duties": {**SPLIT, "revoke": ["msp"]}},
    "not-here": {
        "responsibility": "n/a",
        "notes": "They have no servers.",
        "accountable": None,
        "backup": None,
        "custody": None,
        "operated_by": None,
        "signoff": None,
        "duties": {},
    },
    "watched-by-the-msp": {
        "responsibility": "shared_msp_sub",
        "duties": {**SPLIT, "retain": "sub:siem"},
        "custody": [custody("sub:siem", "2026-01-01", None, oversight="dana")],
    },
    "past-unwatched": {
        "custody": [
            {"who": "msp", "from": "2026-01-01", "to": "2026-07-01"},
            custody("msp", "2026-07-01", None),
        ]
    },
}
UNSURE: dict[str, tuple[Fields, str]] = {
    "owner-unsure": ({"accountable": "vera"}, "CTL-01"),
    "backup-unsure": ({"backup": "vera"}, "CTL-02"),
    "watcher-unknown": ({"custody": [YEAR | {"oversight": "x@y.example"}]}, "CTL-12"),
}


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    made = Matrix(tmp_path_factory.mktemp("matrix"))
    for name, (fields, _) in BROKEN.items():
        made.add(name, **fields)
    for name, fields in SOUND.items():
        made.add(name, **fields)
    for name, (fields, _) in UNSURE.items():
        made.add(name, **fields)
    made.read()
    return made


def test_exactly_what_is_broken_is_found(matrix: Matrix) -> None:
    expected = {(rule, name) for name, (_, rules) in BROKEN.items() for rule in rules}

    assert set(matrix.found()) == expected


def test_titles_say_why(matrix: Matrix) -> None:
    found = matrix.found()
    wrong = {
        (rule, name): found[rule, name]["title"]
        for name, (_, rules) in BROKEN.items()
        for rule, words in rules.items()
        if words not in found[rule, name]["title"]
    }

    assert wrong == {}


def test_what_the_roster_does_not_know_is_unknown_and_says_so(matrix: Matrix) -> None:
    found = matrix.found("unknown")

    assert set(found) == {(rule, name) for name, (_, rule) in UNSURE.items()}
    assert all(row["unread"][0].startswith("roster: ") for row in found.values())


def test_findings_belong_to_the_accountable_and_tell_file_and_line(matrix: Matrix) -> None:
    found = matrix.found()["CTL-02", "no-backup"]
    facts = matrix.facts("CTL-02", "unreachable")
    text = (matrix.config.parent / facts["file"]).read_text().splitlines()

    assert (found["owner_id"], found["tenant_id"], found["account_id"]) == ("dana", "acme", None)
    assert text[facts["line"] - 1].strip() == "backup: mute"


@pytest.mark.parametrize(
    ("rule", "name", "key"),
    [
        ("CTL-01", "leaver", "accountable: rina"),
        ("CTL-03", "unsigned", "responsibility: shared_msp_client/dependent"),
        ("CTL-04", "edited", "signoff:"),
        ("CTL-05", "gap", "- who: msp"),
        ("CTL-06", "overlap", "- who: msp"),
        ("CTL-07", "people-unexplained", "operated_by_human: true"),
        ("CTL-09", "both-revoke", "revoke:"),
        ("CTL-11", "unacknowledged", "- who: client"),
        ("CTL-12", "unwatched", "- who: msp"),
    ],
)
def test_the_line_is_that_of_the_key(matrix: Matrix, rule: str, name: str, key: str) -> None:
    facts = matrix.facts(rule, name)
    text = (matrix.config.parent / facts["file"]).read_text().splitlines()

    assert text[facts["line"] - 1].strip() == key


def test_stale_signatures_name_who_signs_again(matrix: Matrix) -> None:
    assert matrix.facts("CTL-04", "edited")["must_sign"] == "Carla Tio"
    assert matrix.facts("CTL-04", "signer-left")["must_sign"] == "Carla Tio"
    assert matrix.facts("CTL-03", "unsigned")["must_sign"] == "Carla Tio"


@pytest.mark.parametrize(
    "change",
    [
        {"statement": "It is done within a week."},
        {"responsibility": "shared_msp_client/independent"},
        {"duties": {**SPLIT, "monitor": "client"}},
    ],
)
def test_editing_one_word_of_a_signed_split_makes_its_signature_stale(
    tmp_path: Path, change: Fields
) -> None:
    matrix = Matrix(tmp_path)
    before: Fields = {
        "statement": "It is done within a day.",
        "responsibility": "shared_msp_client/dependent",
        "duties": SPLIT,
    }
    matrix.add("split", **{**before, "notes": "first"})
    matrix.read()
    assert matrix.found() == {}
    signature = {"by": "cto", "at": "2026-01-05", "covers_sha256": signed(before)}
    matrix.add("split", **{**before, "notes": "what is not signed may change"}, signoff=signature)
    matrix.read()
    assert matrix.found() == {}

    matrix.add("split", **{**before, **change}, signoff=signature)
    matrix.read()

    assert set(matrix.found()) == {("CTL-04", "split")}
    assert "Carla Tio" in matrix.facts("CTL-04", "split")["must_sign"]


def test_one_person_backs_at_most_fifteen(tmp_path: Path) -> None:
    matrix = Matrix(tmp_path)
    names = [f"control-{number}" for number in range(16)]
    for name in names[:15]:
        matrix.add(name, backup="olof")
    matrix.read()
    assert matrix.found() == {}

    matrix.add(names[15], backup="olof@msp.example")
    matrix.read()

    assert set(matrix.found()) == {("CTL-02", name) for name in names}
    assert "backs more than 15" in matrix.found()["CTL-02", "control-3"]["title"]


def test_instances_whose_period_is_over_are_not_judged(tmp_path: Path) -> None:
    matrix = Matrix(tmp_path)
    matrix.add("ended", accountable=None, backup=None, signoff=None, custody=None, duties={})
    matrix.read(period=("2025-01-01", "2026-10-31"))
    assert matrix.found() == {}

    matrix.read(period=("2025-01-01", "2026-11-01"))

    assert {rule for rule, _ in matrix.found()} == {
        "CTL-01",
        "CTL-02",
        "CTL-03",
        "CTL-05",
        "CTL-09",
    }

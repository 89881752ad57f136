"""Rosters and the vendor list as people write and spreadsheets save them."""

import os
from pathlib import Path

import pytest

from tests.config.conftest import HEAD, Folder

COLUMNS = "party_id,name,email,aliases,kind,org,employment,since,manager"
ROSTER = HEAD + "roster: [people.csv]\n"
VENDORS = HEAD + "vendors: vendors.yaml\n"


def test_a_roster(folder: Folder) -> None:
    folder.write(
        people_csv=f"{COLUMNS}\n"
        'kim,"Doe, Kim",kim@msp.example,k.doe@msp.example; kd ;,person,msp,left,2024-02-29,lee\n'
        "noc,NOC,,,team,,active,,\n\n"
        "v,Vendor,,,vendor,sub:help-desk,,,\n"
        "cto,Robin Vale,,,,client:northwind,notice,,\n"
    )
    kim, noc, vendor, cto = folder.load(ROSTER).parties
    assert kim.name == "Doe, Kim"
    assert kim.aliases == ("k.doe@msp.example", "kd")
    assert (kim.employment, kim.since, kim.manager) == ("left", "2024-02-29", "lee")
    assert (noc.kind, noc.org, noc.email, noc.line) == ("team", "msp", None, 3)
    assert (vendor.org, vendor.employment) == ("sub:help-desk", "unknown")
    assert (cto.kind, cto.org, cto.employment) == ("person", "client:northwind", "notice")


def test_a_roster_as_a_spreadsheet_saves_it(folder: Folder) -> None:
    Path("people.csv").write_bytes(b"\xef\xbb\xbfparty_id,name\r\nkim,Kim\r\nlee,Lee\r\n")
    assert [p.party_id for p in folder.load(ROSTER).parties] == ["kim", "lee"]


@pytest.mark.parametrize("name", ["Kim\u2028Doe", "Kim\x85Doe", "Kim\x0cDoe", "Kim\x1cDoe"])
def test_only_line_ends_end_lines(folder: Folder, name: str) -> None:
    folder.write(people_csv=f"party_id,name\nkim,{name}\n")
    assert [p.name for p in folder.load(ROSTER).parties] == [name]


def test_when_it_was_read_is_when_the_newest_file_was_written(folder: Folder) -> None:
    folder.write(a_csv="party_id,name\n", b_csv="party_id,name\n")
    os.utime("a.csv", (1_800_000_000, 1_800_000_000))
    os.utime("b.csv", (1_700_000_000, 1_700_000_000))
    config = folder.load(HEAD + "roster: [a.csv, b.csv]\n")
    assert config.roster_read_at == "2027-01-15T08:00:00+00:00"


GOLDEN = [
    ("", ["people.csv:1: column 'party_id' is missing", "people.csv:1: column 'name' is missing"]),
    ("party_id,nmae\n", [
        "people.csv:1: unknown column 'nmae'; did you mean 'name'?",
        "people.csv:1: column 'name' is missing",
    ]),
    ("party_id,name,name\n", ["people.csv:1: column 'name' stands here twice"]),
    ("party_id;name\nkim;Kim\n", [
        "people.csv:1: fields are separated by semicolons; save it with commas",
    ]),
    ("party_id,name,color\nkim,Kim,red\n", [
        "people.csv:1: unknown column 'color'; known: party_id, name, email, aliases, kind, org,"
        " employment, since, manager",
    ]),
    (f"{COLUMNS}\n,Kim,,,,,,,\n", ["people.csv:2: party_id: is empty"]),
    (f"{COLUMNS}\nkim,Kim,,,persn,,,,\n", [
        "people.csv:2: kind: 'persn' is not known; did you mean 'person'?",
    ]),
    (f"{COLUMNS}\nkim,Kim,,,,,retired,,\n", [
        "people.csv:2: employment: 'retired' is not known;"
        " known: active, leave, notice, left, unknown",
    ]),
    (f"{COLUMNS}\nkim,Kim,,,,client:northwnd,,,\n", [
        "people.csv:2: org: no tenant 'northwnd'; did you mean 'northwind'?",
    ]),
    (f"{COLUMNS}\nkim,Kim,,,,acme,,,\n", [
        "people.csv:2: org: 'acme' is none of msp, client:<tenant>, sub:<name>",
    ]),
    (f"{COLUMNS}\nkim,Kim,,,,,,31.12.2025,\n", [
        "people.csv:2: since: '31.12.2025' is not a date like 2026-05-31",
    ]),
    (f"{COLUMNS}\nkim,Kim,,,,,,,,,\n", [
        "people.csv:2: more fields than the header has columns",
    ]),
    ("party_id,name\nkim,Kim\nlee,Lee\nkim,Kim II\n", [
        "people.csv:4: party_id: 'kim' stands at people.csv:2 already",
    ]),
    ('party_id,name\nkim,"Kim\n', ["people.csv:2: not CSV: unexpected end of data"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problems"), GOLDEN)
def test_complaints(folder: Folder, text: str, problems: list[str]) -> None:
    folder.write(people_csv=text)
    assert folder.problems(ROSTER) == problems


def test_problems_of_all_files_come_together(folder: Folder) -> None:
    folder.write(people_csv="party_id,name\n,Kim\n", vendors_yaml="vendor: []\n")
    assert folder.problems(ROSTER + "vendors: vendors.yaml\nstor: x\n") == [
        'nhiscan.yaml:6: unknown key "stor"; did you mean "store"?',
        "people.csv:2: party_id: is empty",
        'vendors.yaml:1: unknown key "vendor"; did you mean "vendors"?',
    ]


def test_vendors(folder: Folder) -> None:
    folder.write(
        vendors_yaml='vendors:\n  - {id: v, name: V Inc., aws_accounts: ["011122223333"]}\n'
    )
    (vendor,) = folder.load(VENDORS).vendors
    assert (vendor.id, vendor.aws_accounts, vendor.agreement) == ("v", ("011122223333",), None)


VENDOR_GOLDEN = [
    ("vendors: {a: b}\n", ["vendors.yaml:1: vendors: expected a list, not keys and values"]),
    ("vendors: [x]\n", ["vendors.yaml:1: vendors[0]: expected keys and values"]),
    ("vendors:\n  - {id: v}\n", ['vendors.yaml:2: vendors[0]: "name" is missing']),
    ("vendors:\n  - {id: v, name: V, aws_accounts: [111122223333]}\n", [
        "vendors.yaml:2: vendors[0].aws_accounts[0]: text is wanted:"
        ' write "111122223333", with the quotes',
    ]),
    (
        'vendors:\n  - {id: v, name: V, aws_accounts: ["1"]}\n'
        '  - {id: w, name: W, aws_accounts: ["1"]}\n  - {id: v, name: V}\n',
        [
            "vendors.yaml:3: vendors[1]: account 1 is listed for v already",
            "vendors.yaml:4: vendors[2]: 'v' is the id of a vendor above already",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problems"), VENDOR_GOLDEN)
def test_complaints_about_vendors(folder: Folder, text: str, problems: list[str]) -> None:
    folder.write(vendors_yaml=text)
    assert folder.problems(VENDORS) == problems


NOW = {"NHISCAN_NOW": "2026-05-01T06:00:00Z"}
HISTORY = [
    ("active,2020-01-01;left,2024-01-01", "left"),
    ("left,2024-01-01;active,2020-01-01", "left"),
    ("active,2020-01-01;left,2024-01-01;active,2026-01-01", "active"),
    ("active,;left,2024-01-01", "left"),
    ("active,2020-01-01;left,2026-05-01", "left"),
    ("active,2020-01-01;left,2026-05-02", "notice"),
    ("left,2027-01-01", "notice"),
    ("active,2027-01-01", "unknown"),
    ("leave,2027-01-01", "active"),
    ("left,2020-01-01;active,2027-01-01", "left"),
    ("active,2020-01-01;leave,2026-04-01;left,2026-06-01", "notice"),
]


@pytest.mark.parametrize(("rows", "employment"), HISTORY)
def test_the_row_that_holds_today_is_the_newest_that_has_begun(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, rows: str, employment: str
) -> None:
    monkeypatch.setenv(*next(iter(NOW.items())))
    lines = [f"kim,Kim,{row}" for row in rows.split(";")]
    folder.write(people_csv="party_id,name,employment,since\n" + "\n".join(lines))
    (kim,) = folder.load(ROSTER).parties
    assert kim.employment == employment


def test_addresses_of_earlier_rows_stay_aliases(folder: Folder) -> None:
    folder.write(
        people_csv="party_id,name,email,aliases,since\n"
        "kim,Kim Doe,doe@old.example,kd,2020-01-01\nkim,Kim Vale,vale@msp.example,,2024-01-01\n"
    )
    (kim,) = folder.load(ROSTER).parties
    assert (kim.name, kim.email) == ("Kim Vale", "vale@msp.example")
    assert kim.aliases == ("doe@old.example", "kd")
    assert kim.line == 3


def test_one_id_is_one_party(folder: Folder) -> None:
    folder.write(
        people_csv="party_id,name,kind,since\nnoc,NOC,team,\nnoc,N. O. Carr,person,2024-01-01\n"
    )
    assert folder.problems(ROSTER) == [
        "people.csv:3: party_id: 'noc' is a team at people.csv:2; one id is one party"
    ]


def test_two_people_of_one_organization_under_one_address_are_refused(folder: Folder) -> None:
    head = "party_id,name,email,org,employment\n"
    folder.write(
        people_csv=f"{head}a,A,it@x.example,msp,active\nb,B,IT@x.example,msp,active\n"
        "c,C,it@x.example,msp,left\nd,D,it@x.example,client:northwind,active\n"
    )
    assert folder.problems(ROSTER) == [
        "people.csv:3: email: 'IT@x.example' is the address of 'a' at people.csv:2, who is active"
        " too; let one be `left`, or tell them apart"
    ]


def test_what_is_odd_about_managers_is_told_and_loses_nobody(folder: Folder) -> None:
    folder.write(
        people_csv="party_id,name,email,manager\n"
        "a,A,a@x.example,b\nb,B,,A@x.example\nc,C,,dd\nd,D,,\ne,E,,e\n"
    )
    config = folder.load(ROSTER)
    assert [p.manager for p in config.parties] == ["b", "a", "dd", None, "e"]
    assert config.warnings == (
        "people.csv:4: manager: 'dd' is in no roster; did you mean 'd'?",
        "people.csv:2: manager: a circle of managers: a -> b -> a",
        "people.csv:6: manager: a circle of managers: e -> e",
    )


def test_every_file_keeps_its_own_age(folder: Folder) -> None:
    folder.write(a_csv="party_id,name\n", b_csv="party_id,name\n")
    os.utime("b.csv", (1_700_000_000, 1_700_000_000))
    config = folder.load(HEAD + "roster: [a.csv, b.csv]\n")
    assert [one.file for one in config.rosters] == ["a.csv", "b.csv"]
    assert config.rosters[1].written_at == "2023-11-14T22:13:20+00:00"


NAMING = HEAD + "naming:\n  - {match: svc-noc-*, owner: noc}\n"


def test_names_and_signals_are_policy(folder: Folder) -> None:
    config = folder.load(
        NAMING + "policy: {owner_margin: 0.2,\n  signals: {S3: {weight: 0.7, half_life: null}}}\n"
    )
    assert [(one.match, one.owner) for one in config.naming] == [("svc-noc-*", "noc")]
    assert config.policy.owner_margin == 0.2
    assert (config.policy.signals["S3"].weight, config.policy.signals["S3"].half_life) == (
        0.7,
        None,
    )
    assert "signals" not in config.policy.numbers()


POLICY_GOLDEN = [
    ("signals: {S33: {}}", [
        "nhiscan.yaml:4: policy.signals: unknown signal 'S33'; did you mean 'S3'?",
    ]),
    ("signals: {S3: {wieght: 1}}", [
        'nhiscan.yaml:4: policy.signals.S3: unknown key "wieght"; did you mean "weight"?',
    ]),
    ("signals: {S3: {weight: 1.5}}", [
        "nhiscan.yaml:4: policy.signals.S3.weight: expected a number <= 1.0",
    ]),
    ("signals: [S3]", ["nhiscan.yaml:4: policy.signals: expected keys and values, not a list"]),
    ("owner_cap: 2", ["nhiscan.yaml:4: policy.owner_cap: expected a number <= 1.0"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problems"), POLICY_GOLDEN)
def test_complaints_about_the_policy_of_owners(
    folder: Folder, text: str, problems: list[str]
) -> None:
    assert folder.problems(HEAD + f"policy: {{{text}}}\n") == problems


def test_a_naming_rule_has_a_pattern_and_an_owner(folder: Folder) -> None:
    assert folder.problems(HEAD + "naming:\n  - {match: x, ownr: y}\n") == [
        'nhiscan.yaml:5: naming[0]: unknown key "ownr"; did you mean "owner"?',
        'nhiscan.yaml:5: naming[0]: "owner" is missing',
    ]

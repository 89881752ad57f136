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

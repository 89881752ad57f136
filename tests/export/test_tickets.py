"""Tickets: what each system wants is in its file, of one client; importing twice is safe."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from nhiscan.errors import ConfigError, UsageError
from nhiscan.export.gaps.rows import Asked
from nhiscan.export.tickets.back import mapping
from nhiscan.export.tickets.profile import FIELDS, load, names
from nhiscan.export.tickets.write import Group, Written, _tickets, export
from nhiscan.store.read import open_reader
from tests.conftest import NOW, Project
from tests.export.conftest import Build, finding

HOSTILE = "=cmd|' /C calc'!A0,\"x\"\nnext bo@beta-freight.example " + "y" * 400


def written(
    store: Path, to: Path, name: str, *, group: Group = "finding", tenants: tuple[str, ...] = ()
) -> Written:
    with open_reader(store) as con:
        return export(
            con, to, load(name), Asked(by="client", tenants=tenants), group=group, is_all=False,
            now=NOW,
        )  # fmt: skip


def sheet(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def column(rows: list[list[str]], name: str) -> list[str]:
    return [row[rows[0].index(name)] for row in rows[1:]]


def test_jira_takes_at_most_250_a_file_with_plain_headers(build: Build, tmp_path: Path) -> None:
    store = build([finding("acme", f"u{number}") for number in range(251)])
    done = written(store, tmp_path / "out", "jira")
    assert done.files == ("acme/jira-001.csv", "acme/jira-002.csv")
    rows = [sheet(tmp_path / "out" / file) for file in done.files]
    assert [len(part) - 1 for part in rows] == [250, 1]
    header = rows[0][0]
    assert header.count("Labels") == 3
    assert "Summary" in header
    assert all(name.replace(" ", "").isalnum() for name in header)
    ids = [key for part in rows for key in column(part, "External ID")]
    assert len(set(ids)) == 251
    assert all(row[-1] == key for row, key in zip(rows[0][1:], ids, strict=False))


@pytest.mark.parametrize("name", names())
def test_no_file_names_another_client_or_holds_a_formula(
    name: str, build: Build, tmp_path: Path
) -> None:
    hostile = finding("acme", "backup", title=HOSTILE, owner_id="dana")
    store = build([hostile, finding("beta", "deploy", title="Acme Dental shares this")])
    done = written(store, tmp_path / "out", name)
    assert done.tickets == 2
    acme = b"".join(path.read_bytes() for path in (tmp_path / "out/acme").iterdir())
    beta = b"".join(path.read_bytes() for path in (tmp_path / "out/beta").iterdir())
    assert b"beta" not in acme.lower()
    assert b"acme" not in beta.lower()
    assert hostile["finding_id"].encode() in acme
    for path in (tmp_path / "out/acme").glob("*.csv"):
        assert not [c for row in sheet(path) for c in row if c.startswith(tuple("=+-@\t\r"))]
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["rows"] == manifest["findings"] == 2
    assert {entry["path"] for entry in manifest["files"]} == set(done.files)


def test_what_each_system_wants(build: Build, tmp_path: Path) -> None:
    store = build([finding("acme", "backup", title=HOSTILE)])
    for name in ("autotask", "servicenow", "connectwise-json"):
        written(store, tmp_path / name, name)
    autotask = sheet(tmp_path / "autotask/acme/autotask-001.csv")
    assert column(autotask, "Create Date") == [""]
    assert column(autotask, "Due Date") == ["06/01/2026"]
    key = finding("acme", "backup")["finding_id"]
    now = sheet(tmp_path / "servicenow/acme/servicenow-001.csv")
    assert column(now, "correlation_id") == [key]
    assert {"assignment_group", "cmdb_ci"} <= set(now[0])
    (file,) = (tmp_path / "connectwise-json/acme").iterdir()
    body = json.loads(file.read_text())
    assert len(body["summary"]) == 100
    assert body["company"] == {"identifier": "acme"}
    assert key in body["initialDescription"]


def test_an_owners_ticket_keeps_its_key_when_a_finding_is_added(
    build: Build, tmp_path: Path
) -> None:
    both = [finding("acme", key, owner_id="dana") for key in ("backup", "deploy")]
    store = build(both)
    assert written(store, tmp_path / "both", "jira", group="owner").tickets == 1
    rows = sheet(tmp_path / "both/acme/jira-001.csv")
    assert {one["finding_id"] for one in both} <= set(rows[1])
    store.unlink()
    written(build(both[:1]), tmp_path / "one", "jira", group="owner")
    other = sheet(tmp_path / "one/acme/jira-001.csv")
    assert column(other, "External ID") == column(rows, "External ID")


def test_what_comes_after_an_owners_open_ticket_is_another() -> None:
    row = {**dict.fromkeys(FIELDS), "client": "acme", "owner": "dana", "finding_fp": "find_1"}
    row |= {"rule": "OWN-01", "severity": "low", "title": "t", "status": "open", "unread": []}
    first, late = {**row, "ticket_ref": "OPS-1"}, {**row, "finding_fp": "find_2"}
    (alone,) = _tickets([row], [row], "owner")
    (after,) = _tickets([first, late], [late], "owner")
    both = list(_tickets([first, late], [first, late], "owner"))
    assert alone["key"] != after["key"]
    assert [one["ticket_ref"] for one in both] == [None, "OPS-1"]
    assert after["finding_fp"] == both[0]["finding_fp"] == "find_2"


def test_the_same_findings_give_the_same_bytes(build: Build, tmp_path: Path) -> None:
    store = build([finding("acme", "backup"), finding("beta", "deploy")])
    first = written(store, tmp_path / "a", "servicenow")
    written(store, tmp_path / "b", "servicenow")
    for file in (*first.files, "manifest.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def profile(tmp_path: Path, text: str) -> str:
    file = tmp_path / "ours.yaml"
    file.write_text(text)
    return str(file)


def test_a_profile_of_ones_own_extends_ours(build: Build, tmp_path: Path) -> None:
    own = profile(
        tmp_path,
        "extends: jira\ncolumns:\n  - {to: Priority, constant: P1}\n"
        "  - {to: Assignee, drop: true}\n  - {to: Client, field: client}\n",
    )
    written(build([finding("acme", "backup")]), tmp_path / "out", own)
    rows = sheet(tmp_path / "out/acme/ours-001.csv")
    assert column(rows, "Priority") == ["P1"]
    assert column(rows, "Client") == ["acme"]
    assert "Assignee" not in rows[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extend: jira\n", 'ours.yaml:1: unknown key "extend"; did you mean "extends"?'),
        ("extends: jiro\n", 'did you mean "jira"?'),
        ("extends: jira\ncolumns:\n  - {to: X, feild: title}\n", 'did you mean "field"?'),
        ("extends: jira\ncolumns:\n  - {to: X, field: titel}\n", "ours.yaml:3"),
        ("extends: jira\ncolumns:\n  - {to: X, template: '{titel}'}\n", 'did you mean "title"?'),
        ("extends: jira\ncolumns:\n  - {to: Due-Date, field: due_at}\n", "no punctuation"),
        ("extends: jira\ncolumns:\n  - {to: Summary, drop: true}\n", 'needs a column "Summary"'),
        ("format: csv\n", "no columns"),
        ("- x\n", "expected keys and values"),
    ],
)
def test_a_faulty_profile_is_told_with_line_and_nearest_key(
    text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(profile(tmp_path, text))
    assert said in str(caught.value)


def test_an_unknown_profile_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="jirra") as caught:
        load("jirra")
    assert "jira" in (caught.value.hint or "")


def test_every_profile_says_how_answers_come_back() -> None:
    for name in names():
        assert {"fp", "ticket_ref", "status", "closed_at"} == set(mapping(name))
        assert load(name).notes


def told(project: Project, *arguments: str) -> str:
    done = project.run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_what_has_an_open_ticket_is_left_out_until_it_is_closed(
    project: Project, tmp_path: Path
) -> None:
    project.run("scan")
    told(project, "export", "tickets", "--profile", "jira", "--to", "out", "--severity", "critical")
    rows = sheet(next((project.path / "out").glob("*/jira-001.csv")))
    row = dict(zip(rows[0], rows[1], strict=True))
    back = mapping("jira")
    says: Mapping[str, Any] = {back["fp"]: row["External ID"], back["ticket_ref"]: "OPS-7"}
    later = datetime.fromisoformat("2026-11-02T06:00:00+00:00").isoformat()
    for status, is_there in (("To Do", False), ("Done", True)):
        cells = {**says, back["status"]: status}
        (project.path / "back.csv").write_text(f"{','.join(cells)}\n{','.join(cells.values())}\n")
        names_of = ",".join(f"{k}={v}" for k, v in back.items() if v in cells)
        done = project.run("import", "tickets", "back.csv", "--columns", names_of, now=later)
        assert done.returncode == 0, done.stderr
        told(project, "export", "tickets", "--profile", "jira", "--to", "again")
        text = "".join(p.read_text("utf-8") for p in (project.path / "again").glob("*/*.csv"))
        assert (row["External ID"] in text) is is_there
        told(project, "export", "tickets", "--profile", "autotask", "--to", "auto")
        found = [
            line
            for path in (project.path / "auto").glob("*/*.csv")
            for line in sheet(path)
            if line[1] == row["External ID"]
        ]
        assert [line[0] for line in found] == ["" if is_there else "OPS-7"]
        later = datetime.fromisoformat("2026-11-03T06:00:00+00:00").isoformat()

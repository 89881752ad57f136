"""`nhiscan import decisions`: what owners answer, checked whole, and what follows from it."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from tests.conftest import Project

pytestmark = pytest.mark.slow
LIST = Path("lists/dana.reyes/acme-dental")


def read(project: Project) -> list[dict[str, str]]:
    with (project.path / LIST.with_suffix(".csv")).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(project: Project, rows: list[dict[str, str]], name: str = "answer.csv") -> str:
    with (project.path / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return name


def ask(project: Project, sql: str) -> list[dict[str, Any]]:
    done = project.run("sql", sql, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def answered(rows: list[dict[str, str]], **by_kind: Mapping[str, str]) -> list[dict[str, str]]:
    """Answer the first rows that are about identities of their own, one for each kind."""
    seen: set[str] = set()
    free = []
    for row in rows:
        if row["identity_id"] and row["identity_id"] not in seen and not row["instance_id"]:
            seen.add(row["identity_id"])
            free.append(row)
    for (kind, more), row in zip(by_kind.items(), free, strict=False):
        row.update(more, decision=kind)
    return rows


def test_answers_are_recorded_once_and_resolve_nothing(answering: Project) -> None:
    rows = answered(
        read(answering),
        keep={"comment": "needed"},
        revoke={},
        remediate={},
        defer={"defer_until": "2027-01-31"},
    )
    before = ask(answering, "SELECT finding_id, due_at, status FROM findings ORDER BY 1")
    name = write(answering, rows)
    done = answering.run("import", "decisions", name)
    assert done.returncode == 0, done.stderr
    assert "4 decisions read, 4 new: 1 defer, 1 keep, 1 remediate, 1 revoke" in done.stderr
    assert f"{len(rows) - 4} rows not decided" in done.stderr
    assert done.stdout == ""
    assert ask(answering, "SELECT finding_id, due_at, status FROM findings ORDER BY 1") == before
    held = ask(answering, "SELECT * FROM decisions ORDER BY decision")
    assert [row["decision"] for row in held] == ["defer", "keep", "remediate", "revoke"]
    assert {row["decided_by"] for row in held} == {"dana.reyes"}
    assert held[0]["defer_until"] == "2027-01-31"
    assert "0 new" in answering.run("import", "decisions", name).stderr
    assert len(ask(answering, "SELECT * FROM store.finding_decision")) == 4
    events = ask(answering, "SELECT * FROM finding_events WHERE event = 'decision'")
    assert {row["told_by"] for row in events} == {"dana.reyes"}


def test_not_mine_goes_to_whom_they_name_as_a_claim(answering: Project) -> None:
    rows = read(answering)
    alone = ask(
        answering,
        "SELECT identity_id FROM ownership_claims GROUP BY identity_id"
        " HAVING list(DISTINCT party_id) = ['dana.reyes']",
    )
    ids = {one["identity_id"] for one in alone}  # nobody else has a claim that would come first
    row = next(row for row in rows if row["identity_id"] in ids)
    row.update(decision="reassign", comment="moved")
    free = ask(
        answering,
        "SELECT party_id FROM parties WHERE kind = 'person' AND employment = 'active'"
        " AND org = 'msp' AND party_id NOT IN"
        " (SELECT party_id FROM ownership_claims WHERE party_id IS NOT NULL) ORDER BY 1",
    )
    heir = free[0]["party_id"]  # nothing else speaks for them
    row["reassign_to"] = heir
    name = write(answering, rows)
    done = answering.run("import", "decisions", name)
    assert done.returncode == 0, done.stderr
    assert f"--owner {heir}" in done.stderr
    told = ask(answering, "SELECT * FROM attestations")
    denied = [(one["identity_id"], one["party_id"]) for one in told if not one["is_owner"]]
    assert denied == [(row["identity_id"], "dana.reyes")]
    claims = ask(
        answering,
        "SELECT * FROM ownership_claims WHERE signal = 'S13' AND evidence LIKE 'named by %'",
    )
    # an application is a directory entry in two parts, and what is said of one is said of both
    assert row["identity_id"] in {claim["identity_id"] for claim in claims}
    assert {claim["party_id"] for claim in claims} == {heir}
    assert "named by dana.reyes" in claims[0]["evidence"]
    owner = ask(
        answering,
        "SELECT i.owner_id, i.owner_status, f.owner_id AS of_finding FROM findings AS f"
        " JOIN identities AS i USING (identity_id) JOIN decisions USING (finding_id)",
    )
    assert owner[0]["owner_id"] == owner[0]["of_finding"] == heir
    assert owner[0]["owner_status"] not in ("attested", "declared")
    again = answering.run("import", "decisions", name)
    assert again.returncode == 0, again.stderr
    assert "0 new" in again.stderr


def test_accepting_prints_rows_that_can_be_pasted(answering: Project) -> None:
    rows = answered(read(answering), accept={"comment": 'it is "known": yes'})
    row = next(row for row in rows if row["decision"])
    done = answering.run("import", "decisions", write(answering, rows))
    assert done.returncode == 0, done.stderr
    fp = row["finding_fp"]
    state = "SELECT f.status FROM findings AS f JOIN decisions USING (finding_id)"
    assert ask(answering, state) == [{"status": row["status"]}]
    assert fp in done.stdout
    assert 'accepted_by: "dana.reyes"' in done.stdout  # of the client: it is theirs
    config = answering.config.read_text("utf-8")
    answering.config.write_text(f"exceptions: exceptions.yaml\n{config}", "utf-8")
    (answering.path / "exceptions.yaml").write_text(f"exceptions:\n{done.stdout}", "utf-8")
    assert answering.run("resolve").returncode == 0
    assert ask(answering, "SELECT is_entitled FROM exceptions") == [{"is_entitled": True}]

    # somebody of the MSP answers for them: the row says that it is not theirs
    other = answering.run("import", "decisions", "answer.csv", "--by", "lee of the desk")
    assert 'accepted_by: "TO BE NAMED"' in other.stdout or row["status"] == "open"


def test_everything_wrong_is_told_by_line_and_nothing_recorded(answering: Project) -> None:
    rows = read(answering)
    other = ask(
        answering,
        "SELECT finding_id FROM findings WHERE owner_id = 'uma.lindqvist' AND status = 'open'"
        " ORDER BY 1 LIMIT 1",
    )[0]["finding_id"]
    rows[0].update(decision="keep", severity="info")
    rows[1].update(decision="keep", finding_fp="find_00000000000000000000")
    rows[2] = dict.fromkeys(rows[2], "") | {"finding_fp": other, "decision": "keep", "owner": ""}
    rows[3].update(decision="kepe")
    rows[4].update(decision="reassign", reassign_to="sam.okafr")
    rows[5].update(decision="defer", defer_until="2020-01-01")
    rows[6].update(decision="keep", title="nothing at all")
    rows[7].update(decision="keep", due_at="2030-01-01T00:00:00Z")
    rows[8].update(decision="keep", client="juniper")
    rows[9].update(decision="keep", recommended_action="do nothing")
    done = answering.run("import", "decisions", write(answering, rows), "--by", "dana.reyes")
    assert done.returncode == 2
    for told in (
        "answer.csv:2: ", "severity 'info' is not what was sent",
        "answer.csv:3: no finding 'find_00000000000000000000' is known",
        f"answer.csv:4: {other}: owner '' is not what was sent",
        "'kepe' is not known; did you mean 'keep'?",
        "sam.okafr", "did you mean sam.okafor?",
        "answer.csv:7: defer_until 2020-01-01 is past",
        "title 'nothing at all' is not what was sent",
        "due_at '2030-01-01T00:00:00Z' is not what was sent",
        "client 'juniper' is not what was sent",
        "recommended_action 'do nothing' is not what was sent",
        "nothing was imported",
    ):  # fmt: skip
        assert told in done.stderr
    assert ask(answering, "SELECT * FROM decisions") == []


def test_a_workbook_answers_too_and_its_list_is_somebodys(answering: Project) -> None:
    book = load_workbook(answering.path / LIST.with_suffix(".xlsx"))
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    sheet.cell(2, header.index("decision") + 1).value = "Keep"
    book.save(answering.path / "mailed.xlsx")
    done = answering.run("import", "decisions", "mailed.xlsx")
    assert done.returncode == 0, done.stderr
    assert ask(answering, "SELECT decided_by FROM decisions") == [{"decided_by": "dana.reyes"}]

    # a row of somebody else's list
    other = ask(answering, "SELECT finding_id, rule FROM findings WHERE owner_id = 'uma.lindqvist'")
    for column, value in (("finding_fp", other[0]["finding_id"]), ("owner", "uma.lindqvist")):
        sheet.cell(3, header.index(column) + 1).value = value
    book.save(answering.path / "mailed.xlsx")
    done = answering.run("import", "decisions", "mailed.xlsx")
    assert done.returncode == 2
    assert "uma.lindqvist's, and this is the list of dana.reyes" in done.stderr


def test_who_answered_must_be_said_where_nobody_was_asked(answering: Project) -> None:
    path = next((answering.path / "lists/unassigned").glob("*.csv"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0].update(decision="keep")
    name = write(answering, rows)
    assert "add --by WHO" in answering.run("import", "decisions", name).stderr
    done = answering.run("import", "decisions", name, "--by", "the desk")
    assert done.returncode == 0, done.stderr
    assert ask(answering, "SELECT decided_by FROM decisions") == [{"decided_by": "the desk"}]


def test_odd_files_are_refused_with_a_clear_message(answering: Project) -> None:
    folder = answering.path
    source = folder / LIST.with_suffix(".xlsx")
    with ZipFile(source) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with ZipFile(folder / "macros.xlsx", "w") as archive:
        for name, content in (parts | {"xl/vbaProject.bin": b"x"}).items():
            archive.writestr(name, content)
    with ZipFile(folder / "bomb.xlsx", "w", ZIP_DEFLATED) as archive:
        for name, content in (parts | {"xl/media/a.bin": bytes(64 << 20)}).items():
            archive.writestr(name, content)
    with ZipFile(folder / "entities.xlsx", "w") as archive:
        for name, content in parts.items():
            if name == "xl/workbook.xml":
                content = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + content
            archive.writestr(name, content)
    book = Workbook()
    assert book.active is not None
    book.active.append(["nothing", "here"])
    book.active.append(["find_1", "keep"])
    book.save(folder / "wrong.xlsx")
    (folder / "text.xlsx").write_text("finding_fp,decision\n", "utf-8")
    (folder / "none.csv").write_text("a,b\n1,2\n", "utf-8")
    (folder / "empty.csv").write_text("", "utf-8")
    for name, told in {
        "macros.xlsx": "holds macros",
        "bomb.xlsx": "unfolds to",
        "entities.xlsx": "defines entities",
        "wrong.xlsx": "no sheet has the columns decision, finding_fp",
        "text.xlsx": "not an XLSX file",
        "none.csv": "column 'finding_fp' and 'decision' is missing (there are: a, b)",
        "empty.csv": "holds no finding",
        "absent.csv": "No such file",
    }.items():
        done = answering.run("import", "decisions", name, "--by", "dana.reyes")
        assert done.returncode == 2, (name, done.stderr)
        assert told in done.stderr, name

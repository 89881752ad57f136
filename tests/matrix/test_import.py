"""The CSV of a matrix: what people change in a spreadsheet comes back, or nothing does."""

import csv
import io
from pathlib import Path

import pytest

from tests.matrix.written import RIGHT, project, run, write

GOVERNANCE = (
    "client,instance_id,criteria,statement,responsibility,duty_provision,duty_review,duty_revoke,"
    "duty_approve,duty_monitor,duty_respond,duty_retain,accountable,backup,approver,custodian,"
    "custody_from,custody_to,oversight,frequency,sla,agreement_doc,agreement_clause,signoff_by,"
    "signoff_at,signoff_artefact,signoff_expires,operators,cuec,csoc,notes"
)
COMMENTED = RIGHT.replace("    backup:", "    # since May\n    backup:").replace(
    "    sla: identity", "    sla: identity  # for now"
)
BETA = "client: beta\nperiod: {from: 2026-01-01, to: 2026-12-31}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project(tmp_path)
    write(tmp_path, COMMENTED)
    write(tmp_path, BETA, "beta")
    assert run(tmp_path, "matrix", "fmt").returncode == 0
    return tmp_path


def _rows(folder: Path, *arguments: str) -> list[dict[str, str]]:
    done = run(folder, "matrix", "export-csv", *arguments)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout, newline="")))


def _import(folder: Path, rows: list[dict[str, str]], *arguments: str) -> tuple[int, str, str]:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    (folder / "in.csv").write_bytes(text.getvalue().encode())
    done = run(folder, "matrix", "import-csv", "in.csv", *arguments)
    return done.returncode, done.stdout, done.stderr


def _acme(folder: Path) -> str:
    return (folder / "matrix" / "clients" / "acme.yaml").read_text("utf-8")


def test_the_columns_are_those_of_the_notes_and_then_more(folder: Path) -> None:
    done = run(folder, "matrix", "export-csv")

    header = done.stdout.splitlines()[0]
    assert header.startswith(GOVERNANCE + ",also,service_model,")
    assert "covers_sha256" in header


def test_what_was_exported_changes_nothing(folder: Path) -> None:
    before = _acme(folder)

    assert _import(folder, _rows(folder)) == (0, "", "the matrix says that already\n")
    assert _acme(folder) == before


def test_a_change_touches_its_line_alone_and_keeps_comments(folder: Path) -> None:
    before = _acme(folder)
    rows = _rows(folder)
    rows[0]["backup"] = "cto@acme.example"

    code, out, err = _import(folder, rows)

    assert (code, out) == (0, "matrix/clients/acme.yaml\n")
    assert "0 added, 1 changed, 0 removed" in err
    assert _acme(folder) == before.replace("backup: lee@msp.example", "backup: cto@acme.example")
    assert "# since May\n    backup: cto" in _acme(folder)


def test_instances_come_and_go_with_their_rows(folder: Path) -> None:
    rows = _rows(folder)
    more = rows[0] | {"instance_id": "acme/new", "notes": "=1+1", "file": ""}

    assert _import(folder, [*rows, more])[0] == 0
    assert "- id: acme/new" in _acme(folder)
    assert 'notes: "=1+1"' in _acme(folder) or "notes: =1+1" in _acme(folder)
    assert _rows(folder)[1]["notes"] == "'=1+1"

    code, _, err = _import(folder, [more, rows[1]])
    assert (code, "0 added, 0 changed, 1 removed" in err) == (0, True)
    assert "offboarding" not in _acme(folder)


def test_a_client_without_rows_is_left_alone(folder: Path) -> None:
    before = _acme(folder)
    beta = [row for row in _rows(folder) if row["client"] == "beta"]

    assert len(beta) == 1
    assert beta[0]["instance_id"] == ""
    assert _import(folder, beta)[0] == 0
    assert _acme(folder) == before


def test_a_row_that_names_a_client_alone_takes_its_instances_away(folder: Path) -> None:
    rows = _rows(folder, "--tenant", "acme")
    empty = dict.fromkeys(rows[0], "") | {"client": "acme"}
    empty |= {key: rows[0][key] for key in ("period_from", "period_to")}

    assert _import(folder, [empty])[0] == 0
    assert "offboarding" not in _acme(folder)
    assert "client: acme" in _acme(folder)


def test_a_row_that_lost_its_id_takes_nothing_away(folder: Path) -> None:
    rows = [
        row | {"instance_id": "" if row["statement"] else row["instance_id"]}
        for row in _rows(folder)
    ]
    code, _, err = _import(folder, rows)
    assert code == 2
    assert "in.csv:2: instance_id: the row has no id" in err
    assert "acme/CC6.2/offboarding" in _acme(folder)


def test_columns_that_are_missing_leave_what_files_say(folder: Path) -> None:
    before = _acme(folder)
    names = GOVERNANCE.split(",")
    rows = [{name: row[name] for name in names} for row in _rows(folder, "--tenant", "acme")]

    assert _import(folder, rows)[2] == "the matrix says that already\n"
    rows[0]["statement"] = "Something else."
    assert _import(folder, rows)[0] == 0
    assert _acme(folder) == before.replace(
        "Disable automation credentials within 24h of a trigger.", "Something else."
    )


def test_every_problem_is_told_with_its_line_and_nothing_is_written(folder: Path) -> None:
    before = _acme(folder)
    rows = _rows(folder, "--tenant", "acme")
    good = rows[0]
    bad = [
        good | {"criteria": "CC6.22"},
        good | {"instance_id": "b", "signoff_at": "05/01/2026"},
        good | {"instance_id": "c", "statement": "", "backup": r"DOMAIN\lee"},
        good | {"instance_id": "d", "custodian": "msp;client"},
        good | {"instance_id": "e", "client": "acne"},
        good | {"instance_id": "f", "frequency": "sometimes", "period_to": "2026-11-30"},
        good | {"instance_id": "g", "file": "../../x.yaml"},
    ]

    code, out, err = _import(folder, [good | {"backup": "dana"}, *bad])

    assert (code, out) == (2, "")
    for line, told in (
        (3, 'no criterion "CC6.22"; did you mean "CC6.2"?'),
        (4, "signoff.at"),
        (5, r"backup: '\\l' is no escape"),
        (5, '"statement" is missing'),
        (6, "1 parts, but custodian has 2"),
        (7, 'no tenant "acne"; did you mean "acme"?'),
        (8, "another period than line 2"),
        (8, "expected one of: daily"),
        (9, "x.yaml"),
    ):
        assert any(f"in.csv:{line}:" in one and told in one for one in err.splitlines()), told
    assert "in.csv:3: id:" in err
    assert "nothing was written" in err
    assert _acme(folder) == before
    assert sorted(path.name for path in folder.rglob("*.yaml")) == [
        "acme.yaml",
        "beta.yaml",
        "nhiscan.yaml",
        "slas.yaml",
    ]


def test_a_dry_run_says_what_would_change(folder: Path) -> None:
    before = _acme(folder)
    rows = _rows(folder)
    rows[0]["backup"] = "cto@acme.example"

    code, out, err = _import(folder, rows, "--dry-run")

    assert (code, out) == (0, "matrix/clients/acme.yaml\n")
    assert "1 changed" in err
    assert _acme(folder) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "in.csv:1: the file is empty"),
        (b"client;instance_id\nacme;x\n", "in.csv:1: cells are separated by ;"),
        (b"client,instance_id,acountable\n", 'did you mean "accountable"?'),
        (b"client,notes\n", 'in.csv:1: "instance_id" is missing'),
        (b"client,instance_id,client\n", 'in.csv:1: "client" stands here twice'),
        (b"client,instance_id\nacme\n", "in.csv:2: 1 cells, but the header has 2"),
        (b"client,instance_id\nac\xe9,x\n", "in.csv:1: not UTF-8"),
        (b'client,instance_id\n"ac', "in.csv:2: no CSV"),
    ],
)
def test_what_is_no_such_table_is_told(folder: Path, text: bytes, told: str) -> None:
    (folder / "in.csv").write_bytes(text)

    done = run(folder, "matrix", "import-csv", "in.csv")

    assert done.returncode == 2
    assert told in done.stderr


def test_a_file_for_excel_comes_back_too(folder: Path) -> None:
    rows = run(folder, "matrix", "export-csv", "--bom", "-o", "out.csv")
    assert rows.returncode == 0
    assert (folder / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfclient,")
    assert (folder / "out.csv").stat().st_mode & 0o777 == 0o600

    done = run(folder, "matrix", "import-csv", "out.csv")
    assert done.stderr == "the matrix says that already\n"


def test_a_broken_matrix_is_told_before_anything_is_read(folder: Path) -> None:
    write(folder, "client: [", "beta")

    done = run(folder, "matrix", "export-csv")

    assert done.returncode == 2
    assert "matrix lint" in done.stderr

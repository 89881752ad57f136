"""Lists name no other client in any form, and run nothing."""

import json
import zipfile
from datetime import timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

import duckdb
from openpyxl import load_workbook

from nhiscan.export.gaps.lists import Written, export
from nhiscan.export.gaps.rows import Asked
from nhiscan.store.read import open_reader
from tests.export.conftest import AT, Build, finding, identity_id


def made(store: Path, target: Path, *, by: str = "owner") -> Written:
    with open_reader(store) as con:
        return export(
            con, target, Asked(by=by),  # type: ignore[arg-type] # one of the three
            formats=("csv", "jsonl", "xlsx", "md", *(("eml",) if by == "owner" else ())),
            now=AT + timedelta(days=1),
        )  # fmt: skip


def tree(target: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(target)): path.read_bytes()
        for path in target.rglob("*")
        if path.is_file()
    }


def texts(content: bytes, name: str) -> str:
    """Return all that a reader of a file can see."""
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(BytesIO(content)) as book:
            return " ".join(book.read(part).decode() for part in book.namelist())
    if name.endswith(".eml"):
        message = message_from_bytes(content, policy=policy.default)
        inside = [part.get_content() for part in message.walk() if not part.is_multipart()]
        return " ".join(
            [
                *(f"{key}: {value}" for key, value in message.items()),
                *(one for one in inside if isinstance(one, str)),
                *(texts(one, ".xlsx") for one in inside if isinstance(one, bytes)),
            ]
        )
    return content.decode()


def test_somebody_of_one_client_who_owns_anothers_is_not_named_there(
    build: Build, tmp_path: Path
) -> None:
    store = build([finding("acme", "backup", owner_id="bo"), finding("beta", "backup")])
    for by in ("owner", "client", "organization"):
        made(store, tmp_path / by, by=by)
        lists = {name: body for name, body in tree(tmp_path / by).items() if "/acme." in name}
        assert len(lists) == (5 if by == "owner" else 4)
        for name, content in lists.items():
            told = texts(content, name).lower()
            assert not [word for word in ("bo frey", "beta", "freight") if word in told], name
    mail = message_from_bytes((tmp_path / "owner/bo/acme.eml").read_bytes(), policy=policy.default)
    assert mail["To"] is None
    assert mail["Cc"] is None


def test_why_something_was_not_read_names_no_other_client(build: Build, tmp_path: Path) -> None:
    store = build([finding("acme", "backup", owner_id="dana")], denied=["acme"])
    with duckdb.connect(str(store)) as con:
        con.execute(
            "UPDATE coverage_read SET reason = 'role Beta-Freight of 555566667777 refused'"
            " WHERE reason IS NOT NULL"
        )
    made(store, tmp_path / "out")
    for form in ("md", "eml", "xlsx"):
        content = (tmp_path / f"out/dana/acme.{form}").read_bytes()
        told = texts(content, f".{form}")
        assert "details: denied" in told
        assert "reight" not in told
        assert "555566667777" not in told


def test_ids_of_others_are_masked_wherever_they_stand(build: Build, tmp_path: Path) -> None:
    other = identity_id("beta", "backup")
    evidence = json.dumps({"note": f"first line\n{other}"})
    store = build([finding("acme", "backup", owner_id="dana", evidence=evidence)])
    with duckdb.connect(str(store)) as con:
        con.execute("UPDATE ownership_claim_version SET evidence = 'as for ' || ?", [other])
    made(store, tmp_path / "out")
    record = json.loads((tmp_path / "out/dana/acme.jsonl").read_text())
    assert record["evidence_refs"] == {"note": "first line\n[another client]"}
    assert record["why_owner"][0] == "S3: as for [another client]"


def test_a_list_by_client_does_not_say_that_all_of_it_is_one_persons(
    build: Build, tmp_path: Path
) -> None:
    store = build(
        [finding("acme", "backup"), finding("acme", "deploy", owner_id="dana", severity="low")]
    )
    made(store, tmp_path / "out", by="client")
    told = (tmp_path / "out/acme/acme.md").read_text()
    assert "you answer for" not in told
    assert "nobody answers for" not in told
    assert "Why you" not in told


def test_no_cell_of_a_workbook_is_a_formula(build: Build, tmp_path: Path) -> None:
    hostile = ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "a\n=1", "‮evil"]
    hostile.append("=" + "x" * 10_000)
    store = build(
        [finding("acme", f"k{n}", owner_id="../dana", title=t) for n, t in enumerate(hostile)]
    )
    made(store, tmp_path / "out")
    (path,) = tmp_path.glob("out/*/acme.xlsx")
    assert path.parent.parent == tmp_path / "out"
    book = load_workbook(path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    # A line end inside a cell is one; spreadsheets and XML know only one kind.
    titles = {cell.value for cell in book.worksheets[0]["C"]}
    assert {title.replace("\r", "\n") for title in hostile} <= titles

"""Parquet: every view, whole, in the same bytes each time, and nothing of this machine."""

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nhiscan.errors import StoreError
from nhiscan.export.parquet import export
from nhiscan.store import views
from nhiscan.store.read import open_reader
from tests.conftest import Project
from tests.export.conftest import Build, finding


def manifest(target: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((target / "manifest.json").read_text("ascii"))
    return read


def contents(target: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


def test_every_view_with_all_its_rows_and_types(scanned: Project, tmp_path: Path) -> None:
    target = tmp_path / "out"
    done = scanned.run("export", "parquet", "--to", str(target))
    assert done.returncode == 0, done.stderr
    told = manifest(target)
    with open_reader(scanned.store) as con, duckdb.connect() as files:
        files.execute("SET TimeZone = 'UTC'")
        known = con.execute(
            "SELECT view_name FROM duckdb_views() WHERE database_name = 'store' AND NOT internal"
        ).fetchall()
        assert {entry["view"] for entry in told["views"]} == {row[0] for row in known}
        for entry in told["views"]:
            view, path = entry["view"], str(target / entry["file"])
            counted = con.execute(f"SELECT count(*) FROM {view}").fetchone()  # noqa: S608 - ours
            read = files.execute("SELECT count(*) FROM read_parquet($p)", {"p": path}).fetchone()
            assert counted == read == (entry["rows"],), view
            assert sha256(Path(path).read_bytes()).hexdigest() == entry["sha256"]
            names = files.execute("DESCRIBE FROM read_parquet($p)", {"p": path}).fetchall()
            assert [column["name"] for column in entry["columns"]] == [row[0] for row in names]
            assert all(column["comment"] for column in entry["columns"]), view
        path = str(target / "findings.parquet")
        got = files.execute("SELECT * FROM read_parquet($p)", {"p": path}).fetchall()
        assert got == con.execute("SELECT * FROM findings ORDER BY ALL").fetchall()
    rows = {entry["view"]: entry["rows"] for entry in told["views"]}
    assert rows["identities"] > 200
    assert rows["tenants"] == rows["tenants_history"]
    assert told["scan_id"]
    assert {gap["state"] for gap in told["not_read"]} >= {"denied"}


def test_again_gives_the_same_bytes_and_leaves_other_files(
    scanned: Project, tmp_path: Path
) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    second.mkdir()
    (second / "notes.txt").write_text("mine")
    (second / "tenants.parquet").symlink_to(tmp_path / "elsewhere")
    export(scanned.store, first)
    export(scanned.store, second)
    export(scanned.store, second)
    assert contents(second) == contents(first) | {"notes.txt": b"mine"}
    assert not (tmp_path / "elsewhere").exists()
    assert {path.stat().st_mode & 0o777 for path in first.iterdir()} == {0o600}


def test_hostile_text_is_stored_as_it_is(build: Build, tmp_path: Path) -> None:
    title = "=cmd|\x1b[31m\n\u202e" + "x" * 10_000
    export(build([finding("acme", "deploy", title=title)]), tmp_path / "out")
    path = str(tmp_path / "out/findings.parquet")
    row = duckdb.execute("SELECT title FROM read_parquet($p)", {"p": path}).fetchone()
    assert row == (title,)


def test_a_view_of_a_strange_store_reads_no_file_of_this_machine(
    build: Build, tmp_path: Path
) -> None:
    store = tmp_path / "strange.duckdb"
    shutil.copy(build([]), store)
    secret = tmp_path / "secret.txt"
    secret.write_text("do not tell")
    with duckdb.connect(str(store)) as con:
        con.execute(f"CREATE OR REPLACE VIEW reach AS SELECT content FROM read_text('{secret}')")  # noqa: S608 - ours
    with pytest.raises(StoreError, match="Permission"):
        export(store, tmp_path / "out")
    # Nothing half is left.
    assert list((tmp_path / "out").iterdir()) == []


def test_no_store_and_no_folder(build: Build, tmp_path: Path, scanned: Project) -> None:
    (tmp_path / "file").write_text("")
    done = scanned.run("export", "parquet", "--to", str(tmp_path / "file/below"))
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    done = scanned.run("export", "parquet", "--to", str(tmp_path / "x"), "--db", "none.duckdb")
    assert done.returncode == 2
    assert "no store is there yet" in done.stderr
    assert len(views.NAMES) > 40

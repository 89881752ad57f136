"""How a store is created, written, refused and published."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from nhiscan.errors import Exit, LockedError, StoreError
from nhiscan.store.lock import store_lock
from nhiscan.store.revision import revise
from tests.store.estate import Store, day, read, role


def side(store: Store) -> Path:
    return store.folder / "nhiscan.duckdb.d"


def test_a_new_store_is_private_and_readable_by_both_versions(store: Store) -> None:
    before = os.umask(0)
    try:
        store.scan(day(0), role("a"), read())
    finally:
        os.umask(before)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(side(store).stat().st_mode) == 0o700
    assert int.from_bytes(store.path.read_bytes()[12:20], "little") == 68


def test_it_stays_so_in_later_scans_and_leaves_no_files(store: Store) -> None:
    for number in range(3):
        store.scan(day(number), role("a"), role(f"b{number}"), read())
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert int.from_bytes(store.path.read_bytes()[12:20], "little") == 68
    assert sorted(p.name for p in store.folder.iterdir() if not p.name.startswith("unit-")) == [
        "nhiscan.duckdb",
        "nhiscan.duckdb.d",
    ]
    assert list((side(store) / "work").iterdir()) == []


def test_publishing_replaces_the_file_and_never_writes_into_it(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    before = store.path.read_bytes()
    with store.path.open("rb") as reader:
        inode = os.fstat(reader.fileno()).st_ino
        store.scan(day(1), role("b"), read())
        assert store.path.stat().st_ino != inode
        assert reader.read() == before


def test_an_error_discards_everything(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    before = store.path.read_bytes()
    path = store.spool(day(1), [role("b"), read()])

    def interrupted() -> None:
        with revise(store.path, day(1)) as revision:
            revision.merge_unit(path)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        interrupted()
    assert store.path.read_bytes() == before
    assert list((side(store) / "work").iterdir()) == []


def test_what_a_killed_run_left_is_removed(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    work = side(store) / "work"
    (work / "nhiscan.duckdb").write_bytes(b"half")
    (work / "nhiscan.duckdb.wal").write_bytes(b"half")
    (work / "nhiscan.duckdb.tmp").mkdir()
    (work / "nhiscan.duckdb.tmp" / "spill").write_bytes(b"half")
    store.scan(day(1), role("b"), read())
    assert store.names() == ["b"]
    assert list(work.iterdir()) == []


def test_a_link_to_the_store_stays_a_link(store: Store, tmp_path: Path) -> None:
    store.scan(day(0), role("a"), read())
    link = tmp_path / "elsewhere" / "link.duckdb"
    link.parent.mkdir()
    link.symlink_to(store.path)
    with revise(link, day(1)) as revision:
        revision.merge_unit(store.spool(day(1), [role("b"), read()]))
    assert link.is_symlink()
    assert store.names() == ["b"]
    assert [p.name for p in link.parent.iterdir()] == ["link.duckdb"]


def refused(path: Path, at: float = 0) -> StoreError:
    with pytest.raises(StoreError) as caught, revise(path, day(at)):
        pass
    assert caught.value.exit_code == Exit.USAGE
    return caught.value


def test_files_that_are_no_store_are_refused_and_kept(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database" * 1000)
    assert "notes.txt: not a file that DuckDB can open" in refused(text).message
    assert text.read_text().startswith("not a database")
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as con:
        con.execute("CREATE TABLE mine (a INTEGER)")
    assert "not a store of nhiscan" in refused(other).message
    with duckdb.connect(str(other), read_only=True) as con:
        assert con.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("mine",)]


def test_a_store_of_a_newer_nhiscan_is_refused(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    with duckdb.connect(str(store.path)) as con:
        con.execute("INSERT INTO schema_migration VALUES (99, now())")
    assert "the store has schema 99" in refused(store.path, 1).message
    with pytest.raises(StoreError, match="schema 99"):
        store.names()


def test_an_older_store_is_brought_up_to_date_by_a_scan_only(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    with duckdb.connect(str(store.path)) as con:
        con.execute("UPDATE schema_migration SET number = 0")
    with pytest.raises(StoreError, match="schema 0") as caught:
        store.names()
    assert "brings it up to date" in (caught.value.hint or "")


def test_a_log_of_another_program_is_not_lost(store: Store) -> None:
    store.scan(day(0), role("a"), read())
    log = store.path.with_name("nhiscan.duckdb.wal")
    log.write_bytes(b"something")
    assert "another program wrote" in refused(store.path, 1).message
    assert log.exists()


def test_a_folder_that_does_not_exist_is_not_invented(tmp_path: Path) -> None:
    path = tmp_path / "typo" / "nhiscan.duckdb"
    assert "folder does not exist" in refused(path).message
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "nhiscan.duckdb"
    with path.open("wb") as sparse:
        sparse.truncate(8 << 40)
    error = refused(path)
    assert "16777280 MiB needed" in error.message
    assert error.hint is not None


def test_a_clock_that_is_behind_is_refused(store: Store) -> None:
    store.scan(day(1), role("a"), read())
    assert "the clock says 2026-11-01 06:00:00Z" in refused(store.path, 0).message


def test_a_clock_a_little_behind_writes_no_history_backwards(store: Store) -> None:
    store.scan(day(1), role("a"), read())
    late = store.spool(day(1), [role("b"), read()])
    with revise(store.path, day(1) - timedelta(minutes=4)) as revision:
        assert revision.at == day(1)
        revision.merge_unit(late)
    assert store.rows("SELECT name, valid_from, valid_to FROM identities_history") == [
        ("b", day(1), None)
    ]


HOLDER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from nhiscan.store.lock import store_lock
with store_lock(Path(sys.argv[1]), datetime(2026, 11, 1, 6, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_writers_are_kept_apart_and_the_first_is_named(store: Store) -> None:
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", HOLDER, str(store.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError) as caught, revise(store.path, day(0)):
            pass
        assert f"process {holder.pid} on " in caught.value.message
        assert "since 2026-11-01T06:00:00Z" in caught.value.message
        holder.kill()
    with store_lock(store.path, day(0)):
        pass


def test_the_holder_of_the_lock_may_revise(store: Store) -> None:
    with store_lock(store.path, day(0)), revise(store.path, day(0), locked=True) as revision:
        revision.merge_unit(store.spool(day(0), [role("a"), read()]))
    assert store.names() == ["a"]


def test_a_scan_is_one_row_and_counts_what_was_not_read(store: Store) -> None:
    with revise(store.path, day(0)) as revision:
        scan_id = f"{day(0):%Y%m%dT%H%M%SZ}"
        for account, state in (("1", "complete"), ("2", "denied"), ("3", "not_available")):
            revision.merge_unit(store.spool(day(0), [read(state=state)], account=account))
        optional = store.spool(
            day(0), [read(state="denied")], account="4", optional=["iam.authorization_details"]
        )
        revision.merge_unit(optional)
        counted = [
            revision.record_scan(
                scan_id=scan_id, kind="scan", finished_at=day(0), tenants=["b", "a"], units=4
            )
            for _ in range(2)
        ]
    assert counted == [1, 1]
    assert store.rows("SELECT state, tenants, units, incomplete FROM scans") == [
        ("incomplete", ["a", "b"], 4, 1)
    ]


def test_what_was_concluded_between_is_never_written_over_from_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan that began before somebody's answer, and is resumed after it."""
    store = tmp_path / "nhiscan.duckdb"
    began = datetime(2026, 5, 1, 6, tzinfo=UTC)
    answered = began + timedelta(hours=1)
    with revise(store, answered) as revision:
        revision.record_conclusion()
    monkeypatch.setenv("NHISCAN_NOW", "2026-05-01T08:00:00Z")
    with revise(store, began) as revision:
        assert revision.at == answered + timedelta(microseconds=1)
    with revise(store, answered) as revision:
        assert revision.at == answered
    monkeypatch.setenv("NHISCAN_NOW", "2026-05-01T06:30:00Z")
    with (
        pytest.raises(StoreError, match="holds a conclusion of 2026-05-01 07:00"),
        revise(store, began),
    ):
        pass

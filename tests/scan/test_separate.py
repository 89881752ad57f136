"""The two halves of a scan on different machines: collect to files, merge files."""

import gzip
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from tests.scan.conftest import NOW, Estate
from tests.scan.test_resume import seen

TAPE = {"accounts": [{"id": "a1", "users": ["x", "y"]}, {"id": "a2", "users": ["x"]}]}


def test_collect_and_merge_give_what_a_scan_gives(estate: Estate) -> None:
    estate.write({"acme": TAPE, "beta": {"accounts": [{"id": "b1"}]}})
    collected = estate.run("collect", "--tenant", "acme", "-o", "out")
    assert collected.returncode == 0, collected.stderr
    files = collected.stdout.splitlines()
    assert len(files) == 3
    assert {(estate.path / file).stat().st_mode & 0o777 for file in files} == {0o600}
    assert not estate.store.exists()
    merged = estate.run("merge", "out")
    assert merged.returncode == 0, merged.stderr
    apart = seen(estate)
    estate.store.unlink()
    assert estate.run("scan", "--tenant", "acme").returncode == 0
    whole = seen(estate)
    for view in ("tenants", "accounts", "identities_history", "credentials_history"):
        assert apart[view] == whole[view], view


def test_gaps_of_collected_files_count_when_merged(estate: Estate) -> None:
    gap = {"accounts": [{"id": "a1", "users": ["x"], "states": {"tape.keys": "throttled"}}]}
    estate.write({"acme": gap})
    assert estate.run("collect", "--tenant", "acme", "-o", "out").returncode == 3
    result = estate.run("merge", "out", now="2026-11-01T09:00:00Z")
    assert result.returncode == 3
    assert "tape:a1 throttled: tape.keys" in result.stderr
    assert estate.rows("SELECT DISTINCT scan_id FROM coverage") == [("20261101T090000Z",)]
    assert estate.rows("SELECT state, incomplete FROM scans") == [("incomplete", 1)]


def test_files_of_one_name_in_two_folders_are_two_files(estate: Estate) -> None:
    estate.write({"acme": TAPE})
    estate.run("collect", "--tenant", "acme", "-o", "one")
    estate.run("collect", "--tenant", "acme", "-o", "two", now="2026-11-01T07:00:00Z")
    result = estate.run("merge", "one", "two", now="2026-11-01T09:00:00Z")
    assert result.returncode == 0, result.stderr
    assert "6 units" in result.stderr
    result = estate.run("merge", "one", now="2026-11-01T10:00:00Z")
    assert result.stderr.count("skipped one/") == 3


def test_merging_twice_changes_nothing(estate: Estate) -> None:
    estate.write({"acme": TAPE})
    estate.run("collect", "--tenant", "acme", "-o", "out")
    assert estate.run("merge", "out").returncode == 0
    before = estate.rows("SELECT * FROM identities_history ORDER BY ALL")
    assert estate.run("merge", "out").returncode == 0
    assert estate.rows("SELECT * FROM identities_history ORDER BY ALL") == before


def test_accounts_whose_names_differ_little_keep_their_files(estate: Estate) -> None:
    names = ["a/b", "a.b", "A.b", "a b", "../../etc/passwd", "x" * 1500]
    estate.write({"acme": {"accounts": [{"id": n, "users": ["u"]} for n in names]}})
    result = estate.run("collect", "--tenant", "acme", "-o", "out")
    assert result.returncode == 0, result.stderr
    files = sorted(path.name.lower() for path in (estate.path / "out").iterdir())
    assert len(set(files)) == 7
    assert estate.run("merge", "out").returncode == 0
    assert estate.rows("SELECT count(*) FROM identities") == [(6,)]


def rewritten(path: Path, change: Any) -> None:
    """Change a spool's header as a sender could, checksum and all."""
    from hashlib import sha256

    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    header, *records = [json.loads(line) for line in lines]
    end = records.pop()
    change(header, records)
    body = b"".join(json.dumps(item).encode() + b"\n" for item in (header, *records))
    end |= {"records": len(records), "sha256": sha256(body).hexdigest()}
    path.write_bytes(gzip.compress(body + json.dumps(end).encode() + b"\n"))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("tenant_id", "gamma", "gamma"),
        ("tenant_id", "beta", "belongs to tenant acme"),
        ("account", "b1", "belongs to tenant beta"),
    ],
)
def test_files_that_speak_for_others_are_refused(
    estate: Estate, field: str, value: str, said: str
) -> None:
    estate.write({"acme": TAPE, "beta": {"accounts": [{"id": "b1"}]}})
    text = (estate.path / "nhiscan.yaml").read_text()
    text = text.replace("acme.json}", 'acme.json, accounts: ["a1", "a2"]}')
    text = text.replace("beta.json}", 'beta.json, accounts: ["b1"]}')
    (estate.path / "nhiscan.yaml").write_text(text)
    estate.run("collect", "--tenant", "acme", "-o", "out")
    (file,) = (estate.path / "out").glob("*a1*")
    rewritten(file, lambda header, records: header.update({field: value}))
    result = estate.run("merge", "out")
    assert result.returncode == 2
    assert said in result.stderr
    assert file.name in result.stderr
    assert not estate.store.exists()


def test_a_clients_plan_cannot_give_accounts_to_another_client(estate: Estate) -> None:
    estate.write({"acme": TAPE, "beta": {"accounts": [{"id": "b1"}]}})
    estate.run("collect", "--tenant", "acme", "-o", "out")
    (file,) = (estate.path / "out").glob("*plan*")

    def give(header: Any, records: Any) -> None:
        records[0]["tenant_id"] = "beta"

    rewritten(file, give)
    result = estate.run("merge", "out")
    assert result.returncode == 2
    assert "'beta'" in result.stderr


def test_damaged_files_are_refused_whole(estate: Estate) -> None:
    estate.write({"acme": TAPE})
    estate.run("collect", "--tenant", "acme", "-o", "out")
    (file,) = (estate.path / "out").glob("*a2*")
    file.write_bytes(file.read_bytes()[:-20])
    result = estate.run("merge", "out")
    assert result.returncode == 2
    assert file.name in result.stderr
    assert not estate.store.exists()


def test_processes_give_what_threads_give(
    estate: Estate, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nhiscan.config.load import load
    from nhiscan.scan.begin import Request
    from nhiscan.scan.engine import scan
    from nhiscan.scan.progress import Progress

    estate.write({"acme": TAPE})
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=":")
    monkeypatch.setenv("NHISCAN_NOW", NOW)
    from nhiscan import plugins

    plugins._points.cache_clear()
    config = load(estate.path / "nhiscan.yaml")

    def processes(jobs: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))

    scan(config, config.store, Request(jobs=2), Progress(), executor=processes)
    plugins._points.cache_clear()
    by_processes = seen(estate)
    estate.store.unlink()
    assert estate.run("scan").returncode == 0
    assert seen(estate) == by_processes

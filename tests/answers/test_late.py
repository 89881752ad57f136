"""Answers that come late: what was true when the list was sent is not what is true now."""

from datetime import timedelta
from pathlib import Path

import pytest

from nhiscan.answers.decisions import read_decisions
from nhiscan.config.model import Config
from nhiscan.errors import UsageError
from nhiscan.ownership.who import Directory
from nhiscan.store.read import open_reader
from tests.findings.days import Store, without_key
from tests.queries import estate

OLD_KEY = ("CRD-01", "access key …AAAA of deploy was not rotated in time")
NOBODY = Directory(
    Config(
        path=Path("nhiscan.yaml"),
        msp_id="northwind",
        msp_name="Northwind",
        store=Path("store"),
        tenants=(),
    )
)


def test_the_answer_to_what_is_resolved_is_told_and_not_recorded(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.scan(0, estate.acme())
    found = store.findings()[OLD_KEY]
    store.scan(1, without_key(estate.acme(), "deploy/AAAA"))
    file = tmp_path / "answer.csv"
    file.write_text(
        f"finding_fp,severity,owner,decision\n{found['finding_id']},critical,dana,revoke\n", "utf-8"
    )
    with open_reader(store.path) as con:
        read = read_decisions(file, con, NOBODY, None, estate.NOW + timedelta(days=2))
    day = f"{estate.NOW + timedelta(days=1):%Y-%m-%d}"
    assert read.decisions == []
    assert read.notes == [
        f"{file}:2: {found['finding_id']} is resolved since {day}: 'revoke' is not recorded"
    ]


def test_what_a_finding_was_when_the_list_was_sent_is_not_altered(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.scan(0, estate.acme())
    found = store.findings()[OLD_KEY]
    moved = estate.acme()
    moved.owners["deploy"] = {"owner_status": "declared", "owner_id": "lee"}
    store.scan(1, moved)
    assert store.findings()[OLD_KEY]["owner_id"] == "lee"
    file = tmp_path / "answer.csv"
    text = "finding_fp,owner,title,due_at,decision,comment\n"
    row = f"{found['finding_id']},dana,{found['title']},{found['due_at']:%Y-%m-%dT%H:%M:%SZ}"
    file.write_text(f"{text}{row},reassign,'=guarded\n", "utf-8")
    with open_reader(store.path) as con:
        read = read_decisions(file, con, NOBODY, None, estate.NOW + timedelta(days=2))
    assert [(one.asked, one.decided_by, one.comment) for one in read.decisions] == [
        ("dana", "dana", "=guarded")
    ]
    file.write_text(f"{text}{row.replace('dana', 'kim')},keep,\n", "utf-8")
    with open_reader(store.path) as con, pytest.raises(UsageError, match="owner 'kim' is not what"):
        read_decisions(file, con, NOBODY, None, estate.NOW + timedelta(days=2))

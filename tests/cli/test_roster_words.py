"""What commands say on stderr of rosters that look wrong or are too old."""

import os
from pathlib import Path

import pytest

from nhiscan.cli.rosters import warn
from nhiscan.config.load import load

CONFIG = """\
msp: {id: northwind}
roster: [people.csv]
tenants:
  - {id: northwind, kind: msp}
"""


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    (folder / "nhiscan.yaml").write_text(CONFIG)
    warn(load(folder / "nhiscan.yaml"))
    captured = capsys.readouterr()
    assert captured.out == ""
    return [line.replace(f"{folder}/", "") for line in captured.err.splitlines()]


def test_age_is_told_from_the_eighth_day_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("party_id,name\nkim,Kim\n")
    os.utime(people, (1_800_000_000, 1_800_000_000))  # 2027-01-15T08:00:00Z
    monkeypatch.setenv("NHISCAN_NOW", "2027-01-22T08:00:00Z")
    assert told(tmp_path, capsys) == []
    monkeypatch.setenv("NHISCAN_NOW", "2027-01-22T08:00:01Z")
    assert told(tmp_path, capsys) == [
        "warning: people.csv: last written 2027-01-15, over 7 days ago: who left or came since is"
        " not known, and owners are told with less confidence"
    ]


def test_what_is_odd_is_told_safely(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "people.csv").write_text("party_id,name,manager\nkim,Kim,\x1b[2Jlee\n")
    assert told(tmp_path, capsys) == [
        "warning: people.csv:2: manager: '\\x1b[2Jlee' is in no roster"
    ]

"""SIGKILL at any moment leaves a whole store; readers are never disturbed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from nhiscan.store.read import open_reader
from tests.store.estate import START, Store, read, role

# Publishes scan after scan; scan N holds N + 1 roles. Prints N once it is published.
WRITER = """
import sys
from datetime import timedelta
from pathlib import Path
from nhiscan.store.revision import revise
from tests.store.estate import START, Store, read, role
store = Store(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 1000):
    at = START + timedelta(hours=number)
    many = [role(f"r{n}", tags={"scan": str(number)}) for n in range(number + 1)]
    store.scan(at, *many, read())
    print(number, flush=True)
"""


def start(store: Store, number: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", WRITER, str(store.folder), str(number)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def published(store: Store) -> int:
    """The scan that the store shows, checked to be whole."""
    rows = store.rows(
        "SELECT count(*), min(tags->>'scan'), max(tags->>'scan'),"
        " (SELECT count(*) FROM scans), (SELECT count(*) FROM latest_coverage) FROM identities"
    )
    count, first, last, scans, coverage = rows[0]
    assert first == last == str(count - 1), "rows of one scan only"
    assert (scans, coverage) == (count, 1)
    return int(last)


@pytest.mark.slow
def test_every_kill_leaves_one_whole_scan(store: Store) -> None:
    number = 0
    for delay in (0.0, 0.02, 0.05, 0.08, 0.11, 0.14, 0.17, 0.2, 0.25, 0.3, 0.4):
        with start(store, number) as writer:
            assert writer.stdout is not None
            told = int(writer.stdout.readline())
            time.sleep(delay)
            writer.kill()
            told = max([told, *map(int, writer.stdout.read().split())])
        shown = published(store)
        assert shown in (told, told + 1), "what was acknowledged is there"
        number = shown + 1


def test_a_kill_in_the_middle_of_a_merge_and_a_reader_that_stays(store: Store) -> None:
    store.scan(
        START,
        role("r0", tags={"scan": "0"}),
        read(),
    )
    with open_reader(store.path) as early:
        ask = "SELECT count(*) FROM identities"
        assert early.execute(ask).fetchall() == [(1,)]
        with start(store, 1) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            assert early.execute(ask).fetchall() == [(1,)], "still what it was when it was opened"
            with open_reader(store.path) as late:
                count = late.execute(ask).fetchall()
                writer.stdout.readline()
                assert late.execute(ask).fetchall() == count
            writer.kill()
        assert early.execute(ask).fetchall() == [(1,)]
    assert published(store) >= 2

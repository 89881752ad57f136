"""Under the name of a pack there is a whole pack, the old or the new one, or nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.evidence.conftest import NOW, Project
from tests.pack.conftest import tree, verified

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

OPTIONS = ("--tenant", "acme", "--month", "2026-10")


def report(project: Project, *options: str, code: int | None = 3) -> str:
    return project.run("report", "client", *OPTIONS, *options, code=code).stderr


def test_killed_at_any_moment_the_old_or_the_new_is_there(
    ledger: Project, bare_tools: Path
) -> None:
    pack = ledger.path / "packs/acme"
    began = time.monotonic()
    report(ledger, "--to", str(pack))
    whole = time.monotonic() - began
    old = tree(pack)
    ledger.write("new.txt", "new\n")
    about = ("--tenant", "acme", "--kind", "ticket", "--custodian", "lee")
    ledger.run("evidence", "add", "new.txt", *about)
    report(ledger, "--to", "packs/other")
    new = tree(ledger.path / "packs/other")
    assert old["SHA256SUMS"] != new["SHA256SUMS"]
    command = [str(Path(sys.executable).with_name("nhiscan")), "report", "client", *OPTIONS]
    for part in range(6):
        running = subprocess.Popen(  # noqa: S603 our own command
            [*command, "--to", str(pack)],
            cwd=ledger.path,
            env={"PATH": os.environ["PATH"], "NHISCAN_NOW": NOW},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(whole * (0.6 + part * 0.08))
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert tree(pack) in (old, new)
    report(ledger, "--to", str(pack))
    assert tree(pack) == new
    assert verified(pack, bare_tools).returncode == 0
    # what the killed ones left beside it is gone
    assert sorted(path.name for path in pack.parent.iterdir()) == ["acme", "other"]


def test_an_earlier_pack_and_an_empty_folder_are_replaced_as_a_whole(ledger: Project) -> None:
    pack = ledger.path / "pack"
    pack.mkdir()
    ledger.run("report", "audit", *OPTIONS, "--to", "pack", code=3)
    assert (pack / "tables/30-sample.csv").exists()
    report(ledger, "--to", "pack")
    assert not (pack / "tables/30-sample.csv").exists()


def test_a_folder_of_somebody_else_is_left_alone(ledger: Project) -> None:
    pack = ledger.path / "site"
    pack.mkdir()
    (pack / "manifest.json").write_text('{"name": "a web page"}')
    before = tree(pack)
    assert "is no earlier pack" in report(ledger, "--to", "site", code=2)
    assert tree(pack) == before
    (ledger.path / "link").symlink_to(pack)
    assert "is no folder" in report(ledger, "--to", "link", code=2)
    assert tree(pack) == before


def test_what_somebody_added_to_a_pack_is_not_lost(ledger: Project) -> None:
    report(ledger, "--to", "pack")
    note = ledger.path / "pack/evidence/our-note.txt"
    note.write_text("checked by me")
    told = report(ledger, "--to", "pack", code=2)
    assert "somebody added evidence/our-note.txt" in told
    assert note.read_text() == "checked by me"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--tenant", "acme"), "give either --month YYYY-MM or --period"),
        (("--tenant", "acme", "--month", "2026-10", "--period", "2026"), "give either"),
        (("--tenant", "acne", "--month", "2026-10"), "did you mean 'acme'?"),
        (("--tenant", "acme", "--period", "2026-Q7"), "2026-Q3"),
    ],
)
def test_what_is_wrong_is_told(ledger: Project, options: tuple[str, ...], told: str) -> None:
    done = ledger.run("report", "audit", *options, "--to", "pack", code=2)
    assert told in done.stderr
    assert not (ledger.path / "pack").exists()

"""Killed anywhere, `scan --resume` ends with what an undisturbed scan would have given."""

import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tests.scan.conftest import Estate, wait_for

VIEWS = (
    "tenants", "accounts", "identities_history", "credentials_history", "grants", "trusts",
    "coverage", "latest_coverage", "findings", "scans",
)  # fmt: skip


def accounts(letter: str = "a", **acts: dict[str, Any]) -> dict[str, Any]:
    """A tape of four accounts; `acts` says how some misbehave."""
    names = [f"{letter}{number}" for number in range(1, 5)]
    users = [f"user-{number}" for number in range(30)]
    return {"accounts": [{"id": name, "users": users, "act": acts.get(name, {})} for name in names]}


def seen(estate: Estate) -> dict[str, list[tuple[Any, ...]]]:
    """All that the views show."""
    return {view: estate.rows(f"FROM {view} ORDER BY ALL") for view in VIEWS}


@pytest.fixture
def undisturbed(estate: Estate) -> dict[str, list[tuple[Any, ...]]]:
    """What one scan gives when nothing happens; the store is put away afterwards."""
    estate.write({"acme": accounts(), "beta": accounts("b")})
    assert estate.run("scan").returncode == 0
    result = seen(estate)
    estate.store.rename(estate.path / "undisturbed.duckdb")
    shutil.rmtree(estate.path / "nhiscan.duckdb.d")
    for log in estate.path.glob("*.log"):
        log.unlink()
    return result


def leftovers(estate: Estate) -> list[str]:
    side = estate.path / "nhiscan.duckdb.d"
    return [path.name for name in ("scans", "work") for path in (side / name).iterdir()]


def killed(estate: Estate, reached: Path, *arguments: str) -> None:
    """Start a scan and SIGKILL it once it got to `reached`."""
    process = estate.start("scan", *arguments)
    wait_for(reached, process)
    process.kill()
    process.communicate()


def test_killed_while_planning(estate: Estate, undisturbed: dict[str, Any]) -> None:
    hold = estate.path / "go"
    estate.write({"acme": accounts(), "beta": accounts("b") | {"plan": {"hold": str(hold)}}})
    killed(estate, Path(f"{hold}.reached"))
    assert not estate.store.exists()
    hold.touch()
    result = estate.run("scan", "--resume")
    assert result.returncode == 0, result.stderr
    assert seen(estate) == undisturbed
    assert leftovers(estate) == []


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_killed_while_collecting(estate: Estate, undisturbed: dict[str, Any], jobs: str) -> None:
    hold = estate.path / "go"
    estate.write({"acme": accounts(a3={"hold": str(hold)}), "beta": accounts("b")})
    killed(estate, Path(f"{hold}.reached"), "--jobs", jobs)
    done = {p.name for p in (estate.path / "nhiscan.duckdb.d" / "scans").rglob("unit-*.jsonl.gz")}
    played = estate.played("acme") + estate.played("beta")
    hold.touch()
    result = estate.run("scan", "--resume")
    assert result.returncode == 0, result.stderr
    again = estate.played("acme") + estate.played("beta")
    assert len(again) - len(played) == 8 - len(done)
    assert seen(estate) == undisturbed
    assert leftovers(estate) == []


def test_killed_while_merging(estate: Estate, undisturbed: dict[str, Any]) -> None:
    estate.write({"acme": accounts(), "beta": accounts("b")})
    chance = random.Random(7)  # noqa: S311 - any spread of moments will do
    work = estate.path / "nhiscan.duckdb.d" / "work"
    flags: list[str] = []
    for _ in range(6):
        process = estate.start("scan", *flags)
        while process.poll() is None and not (work.exists() and any(work.iterdir())):
            time.sleep(0.002)
        time.sleep(chance.random() * 0.3)
        process.kill()
        process.communicate()
        if estate.store.exists():
            break
        flags = ["--resume"]
    estate.run("scan", "--resume")
    assert seen(estate) == undisturbed
    assert leftovers(estate) == []
    assert sorted(estate.played("acme")) == ["a1", "a2", "a3", "a4"]


def test_killed_between_publishing_and_tidying(estate: Estate, undisturbed: dict[str, Any]) -> None:
    hold = estate.path / "go"
    estate.write({"acme": accounts(a4={"hold": str(hold)}), "beta": accounts("b")})
    killed(estate, Path(f"{hold}.reached"))
    hold.touch()
    scans = estate.path / "nhiscan.duckdb.d" / "scans"
    shutil.copytree(scans, estate.path / "kept")
    assert estate.run("scan", "--resume").returncode == 0
    shutil.copytree(estate.path / "kept", scans, dirs_exist_ok=True)
    result = estate.run("scan", "--resume")
    assert result.returncode == 2
    assert "published" in result.stderr
    assert seen(estate) == undisturbed
    assert leftovers(estate) == []


def test_killed_before_anything_was_noted(estate: Estate) -> None:
    estate.write({"acme": accounts()})
    (estate.path / "nhiscan.duckdb.d" / "scans" / "20261101T060000Z").mkdir(parents=True)
    assert estate.run("scan", "--resume").returncode == 2
    assert estate.run("scan").returncode == 0
    assert leftovers(estate) == []


def test_the_previous_scan_stays_whole(estate: Estate, undisturbed: dict[str, Any]) -> None:
    hold = estate.path / "go"
    shutil.move(estate.path / "undisturbed.duckdb", estate.store)
    estate.write({"acme": accounts(a1={"hold": str(hold)}), "beta": accounts("b")})
    killed(estate, Path(f"{hold}.reached"))
    assert seen(estate) == undisturbed


def test_a_plain_scan_starts_anew_and_says_so(estate: Estate) -> None:
    hold = estate.path / "go"
    estate.write({"acme": accounts(a1={"hold": str(hold)})})
    killed(estate, Path(f"{hold}.reached"), "--jobs", "1")
    hold.touch()
    result = estate.run("scan")
    assert result.returncode == 0
    assert "--resume would have continued it" in result.stderr
    assert len(estate.played("acme")) == 5
    assert leftovers(estate) == []


def test_nothing_to_resume(estate: Estate) -> None:
    estate.write({"acme": accounts()})
    result = estate.run("scan", "--resume")
    assert result.returncode == 2
    assert "no interrupted scan" in result.stderr


def test_other_entries_cannot_be_resumed(estate: Estate) -> None:
    hold = estate.path / "go"
    estate.write({"acme": accounts(a1={"hold": str(hold)})})
    killed(estate, Path(f"{hold}.reached"))
    hold.touch()
    estate.write({"beta": accounts("b")})
    result = estate.run("scan", "--resume")
    assert result.returncode == 2
    assert "changed since scan 20261101T060000Z" in result.stderr


def test_resume_keeps_the_filters_it_began_with(estate: Estate) -> None:
    hold = estate.path / "go"
    estate.write({"acme": accounts(a1={"hold": str(hold)}), "beta": accounts("b")})
    killed(estate, Path(f"{hold}.reached"), "--tenant", "acme")
    hold.touch()
    result = estate.run("scan", "--resume", "--tenant", "beta")
    assert result.returncode == 2
    assert "--tenant" in result.stderr
    assert estate.run("scan", "--resume").returncode == 0
    assert estate.played("beta") == []


def test_status_tells_of_an_interrupted_scan(estate: Estate) -> None:
    hold = estate.path / "go"
    estate.write({"acme": accounts()})
    assert estate.run("scan").returncode == 0
    estate.write({"acme": accounts(a1={"hold": str(hold)})})
    killed(estate, Path(f"{hold}.reached"))
    result = estate.run("status")
    assert result.returncode == 0
    assert "scan --resume" in result.stderr


def test_a_scan_older_than_the_store_cannot_be_resumed(estate: Estate) -> None:
    hold = estate.path / "go"
    estate.write({"acme": accounts(a1={"hold": str(hold)})})
    killed(estate, Path(f"{hold}.reached"))
    hold.touch()
    kept = estate.path / "nhiscan.duckdb.d" / "scans"
    shutil.move(kept, estate.path / "kept")
    assert estate.run("scan", now="2026-11-02T06:00:00Z").returncode == 0
    shutil.copytree(estate.path / "kept", kept, dirs_exist_ok=True)
    result = estate.run("scan", "--resume")
    assert result.returncode == 2
    assert "newer scan than the interrupted 20261101T060000Z" in result.stderr

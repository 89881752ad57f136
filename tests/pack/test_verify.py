"""A pack verifies on any machine with standard tools, and does not once anything was changed."""

import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from tests.evidence.conftest import Project
from tests.pack.conftest import tree, verified

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow


@pytest.fixture
def pack(ledger: Project, tmp_path: Path) -> Path:
    """A pack of Acme's, moved to another folder."""
    options = ("--tenant", "acme", "--period", "2026-10")
    ledger.run("report", "audit", *options, "--to", "packs/acme", code=3)
    return Path(shutil.move(ledger.path / "packs/acme", tmp_path / "elsewhere a b"))


def test_it_verifies_elsewhere(pack: Path, bare_tools: Path) -> None:
    told = verified(pack, bare_tools)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.startswith("all 3 entries and all files are as recorded; head ")
    assert told.stdout.split()[-1] in (pack / "README.txt").read_text("utf-8")
    inside = subprocess.run(
        ["/bin/sh", "verify.sh"],
        cwd=pack,
        env={"PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
    )
    assert inside.returncode == 0, inside.stderr


def test_one_changed_byte_in_any_file_fails(pack: Path, bare_tools: Path) -> None:
    files = tree(pack)
    # of the many tables and queries, one of each: each check hashes the whole pack
    alike = [path for path in files if path.startswith(("tables/", "queries/"))]
    for path in set(files) - {"verify.sh", *alike[2:-2]}:
        data = files[path]
        changed = bytearray(data)
        changed[len(data) // 2] ^= 0x20  # of a letter, only the case: sha256sum reads both
        (pack / path).write_bytes(bytes(changed))
        assert verified(pack, bare_tools).returncode == 1, path
        (pack / path).write_bytes(data)
    assert verified(pack, bare_tools).returncode == 0


def test_a_changed_script_is_told_by_the_list(pack: Path, bare_tools: Path) -> None:
    script = pack / "verify.sh"
    script.write_bytes(script.read_bytes().replace(b"exit $bad", b"exit 0000"))
    told = verified(pack, bare_tools)
    assert "verify.sh: FAILED" in told.stdout
    assert "all 3 entries" not in told.stdout


def test_removed_swapped_and_added_files_fail(pack: Path, bare_tools: Path) -> None:
    first, second, third = sorted((pack / "ledger").iterdir())
    kept = tree(pack)

    def restored() -> None:
        for path, data in kept.items():
            (pack / path).write_bytes(data)
        assert verified(pack, bare_tools).returncode == 0

    third.unlink()
    assert "BROKEN head: 2 entries" in verified(pack, bare_tools).stdout
    restored()
    second.unlink()
    assert f"BROKEN before ledger/{third.name}" in verified(pack, bare_tools).stdout
    restored()
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    assert f"BROKEN before ledger/{first.name}" in verified(pack, bare_tools).stdout
    restored()
    (pack / "evidence" / "one-more.txt").write_bytes(b"x")
    assert "BROKEN list" in verified(pack, bare_tools).stdout


def test_a_list_made_to_fit_does_not_hide_a_changed_entry(pack: Path, bare_tools: Path) -> None:
    entry = sorted((pack / "ledger").iterdir())[1]
    entry.write_bytes(entry.read_bytes().replace(b'"lee"', b'"leo"'))
    sums = pack / "SHA256SUMS"
    names = [line[66:] for line in sums.read_text("utf-8").splitlines()]
    done = subprocess.run(  # noqa: S603 a standard tool
        ["/usr/bin/sha256sum", *names], cwd=pack, capture_output=True, check=True
    )
    sums.write_bytes(done.stdout)
    told = verified(pack, bare_tools)
    assert told.returncode == 1
    assert "BROKEN before ledger/000003.entry" in told.stdout


@pytest.mark.parametrize("kind", ["audit", "monthly", "client"])
def test_what_was_changed_in_the_store_is_told(
    ledger: Project, kind: str, bare_tools: Path
) -> None:
    with duckdb.connect(str(ledger.store)) as con:
        con.execute(
            "UPDATE ledger_entry SET body = replace(body, 'lee', 'leo')"
            " WHERE seq = 2 AND tenant_id = 'acme'"
        )
    options = ("--tenant", "acme", "--month", "2026-10", "--to", "packs/acme")
    done = ledger.run("report", kind, *options, code=1)
    assert "ledger entry 2" in done.stderr
    assert "BROKEN" in (ledger.path / "packs/acme/README.txt").read_text("utf-8")
    assert verified(ledger.path / "packs/acme", bare_tools).returncode == 1


def test_a_file_of_evidence_that_was_changed_does_not_go_in(ledger: Project) -> None:
    files = sorted((ledger.path / "nhiscan.duckdb.evidence/acme").iterdir())
    files[0].write_bytes(b"rotated 9\n")
    files[1].unlink()
    options = ("--tenant", "acme", "--month", "2026-10", "--to", "packs/acme")
    done = ledger.run("report", "audit", *options, code=1)
    assert "changed after it was recorded" in done.stderr
    assert ": missing" in done.stderr
    assert [p.name for p in (ledger.path / "packs/acme/evidence").iterdir()] == [files[2].name]

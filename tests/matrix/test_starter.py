"""What `nhiscan init` writes is right as it is, and so is its example once it is filled in."""

import re
from pathlib import Path

import pytest

from tests.matrix.written import run


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    assert run(tmp_path, "init").returncode == 0
    return tmp_path


def _uncommented(file: Path) -> None:
    text = re.sub(r"^#(?= {3})", "", file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(text.replace(": []", ":"), encoding="utf-8")


def test_it_is_in_order_and_in_form(starter: Path) -> None:
    assert run(starter, "matrix", "lint").stdout == ""
    assert run(starter, "matrix", "lint").returncode == 0
    assert run(starter, "matrix", "fmt", "--check").returncode == 0


def test_its_schemas_are_where_its_files_say(starter: Path) -> None:
    for file in (starter / "matrix").rglob("*.yaml"):
        named = re.match(r"# yaml-language-server: \$schema=(.*)\n", file.read_text("utf-8"))
        assert named is not None, file
        assert (file.parent / named[1]).is_file(), file


def test_the_example_needs_nothing_but_the_signature_that_lint_asks_for(starter: Path) -> None:
    acme = starter / "matrix" / "clients" / "acme.yaml"
    _uncommented(acme)

    found = run(starter, "matrix", "lint")

    (line,) = found.stdout.splitlines()
    assert "CTL-04 acme/CC6.2/offboarding" in line
    assert "Robin Vale must sign" in line
    told = re.search(r"covers_sha256: ([0-9a-f]{64})", line)
    assert told is not None
    acme.write_text(acme.read_text("utf-8").replace("what lint tells", told[1]), encoding="utf-8")
    assert run(starter, "matrix", "lint").stdout == ""


@pytest.mark.parametrize("name", ["parties.yaml", "rules/links.yaml"])
def test_the_other_examples_are_right_too(starter: Path, name: str) -> None:
    _uncommented(starter / "matrix" / name)

    found = run(starter, "matrix", "lint")

    assert (found.stdout, found.returncode) == ("", 0)


def test_nothing_is_overwritten(starter: Path) -> None:
    again = run(starter, "init")

    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_check_and_scan_tell_a_broken_matrix_before_any_cloud(starter: Path) -> None:
    acme = starter / "matrix" / "clients" / "acme.yaml"
    acme.write_text(acme.read_text("utf-8").replace("client: acme", "client: acne"))

    for command in ("check", "scan"):
        found = run(starter, command)
        assert found.returncode == 2
        assert 'acme.yaml:5: client: no tenant "acne"; did you mean "acme"?' in found.stderr
        assert "matrix lint" in found.stderr
    assert not (starter / "nhiscan.duckdb").exists()


def test_check_says_what_it_read(starter: Path) -> None:
    config = starter / "nhiscan.yaml"
    config.write_text(re.sub(r"    providers:\n      - type: aws\n(.*\n)*", "", config.read_text()))

    found = run(starter, "check")

    assert "matrix: control instances: 0, in order" in found.stderr

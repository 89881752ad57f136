"""The sample's matrix is one that a user could keep: canonical, exchangeable, and linted."""

import re
from pathlib import Path

import pytest

from nhiscan.matrix.lint import RULES
from nhiscan_sandbox.project.write import write
from tests.conftest import NOW
from tests.matrix.written import run


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    config = write(tmp_path, "http://127.0.0.1:1", {}, NOW, None, None)
    config.write_text(config.read_text().replace("vendors: vendors.yaml", ""))
    return tmp_path


def test_each_rule_that_needs_no_cloud_has_a_failing_case(sample: Path) -> None:
    found = run(sample, "matrix", "lint", now=NOW)

    assert found.returncode == 1
    told = re.findall(
        r"^matrix/clients/[a-z-]+\.yaml:\d+: ([A-Z]+-\d+) ", found.stdout, re.MULTILINE
    )
    assert set(told) == set(RULES)


def test_it_is_canonical_and_comes_back_from_csv(sample: Path) -> None:
    assert run(sample, "matrix", "fmt", "--check").stdout == ""
    table = run(sample, "matrix", "export-csv")
    (sample / "m.csv").write_bytes(table.stdout.encode())

    assert run(sample, "matrix", "import-csv", "m.csv").stderr == "the matrix says that already\n"

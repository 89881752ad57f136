"""An estate of its own for every test."""

from pathlib import Path

import pytest

from tests.ownership.estate import Estate


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(tmp_path)

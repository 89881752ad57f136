"""A scanned sample project of a test's own, and its gap lists."""

import shutil
from pathlib import Path

import pytest
from msgspec import structs

from tests.conftest import Project


@pytest.fixture
def answering(scanned: Project, tmp_path: Path) -> Project:
    """A copy of the scanned project, whose answers nobody else sees, with its lists in `lists/`."""
    folder = tmp_path / "project"
    shutil.copytree(scanned.path, folder)
    made = structs.replace(scanned, path=folder, config=folder / scanned.config.name)
    done = made.run("export", "gaps", "--to", "lists", "--format", "csv", "--format", "xlsx")
    assert done.returncode in (0, 3), done.stderr
    return made

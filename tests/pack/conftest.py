"""Packs of the small project of the ledger's tests, and how to take them apart."""

import io
import subprocess
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest

from tests.evidence.conftest import Project, project

__all__ = ["project"]

TOOLS = ("sh", "sha256sum", "head", "sed", "cut", "sort")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def unpacked(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same, with the parts of office files beside them."""
    parts = dict(files)
    for path, data in files.items():
        if is_zipfile(io.BytesIO(data)):
            with ZipFile(io.BytesIO(data)) as archive:
                parts |= {f"{path}!{name}": archive.read(name) for name in archive.namelist()}
    return parts


@pytest.fixture
def ledger(project: Project) -> Project:
    """Three entries of Acme's, one of Granite's."""
    for number in range(3):
        project.write(f"log{number}.txt", f"rotated {number}\n")
        about = ("--instance", "acme/CC6.2/offboarding", "--kind", "operation_log")
        project.run("evidence", "add", f"log{number}.txt", "--custodian", "lee", *about)
    project.write("g.txt", "x")
    other = ("--tenant", "granite", "--kind", "ticket", "--custodian", "lee")
    project.run("evidence", "add", "g.txt", *other)
    return project


@pytest.fixture(scope="session")
def bare_tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but the tools that a pack asks for."""
    folder = tmp_path_factory.mktemp("bin")
    for tool in TOOLS:
        place = next(p for p in (Path("/usr/bin"), Path("/bin")) if (p / tool).exists())
        (folder / tool).symlink_to(place / tool)
    return folder


def verified(pack: Path, tools: Path) -> subprocess.CompletedProcess[str]:
    """Check a pack as its README says, with these tools alone."""
    return subprocess.run(  # noqa: S603 the pack's own script
        [str(tools / "sh"), str(pack / "verify.sh")],
        env={"PATH": str(tools)},
        cwd="/",
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

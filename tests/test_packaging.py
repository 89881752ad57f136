"""What is installed is what was written: plugins by entry point, data files in the wheel."""

import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
# Shared by the formats; every other module of the package is a format.
NO_FORMAT = {"__init__", "values"}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def wheel() -> set[str]:
    return {file.distribution_path for file in _files(WheelBuilder(str(ROOT)))}


def _files(builder: Any) -> list[Any]:
    return list(builder.recurse_included_files())


def test_every_provider_has_an_entry_point() -> None:
    folders = {
        path.parent.name for path in (ROOT / "providers/nhiscan_providers").glob("*/__init__.py")
    }
    registered = {
        point.value.split(":")[0].removeprefix("nhiscan_providers.")
        for point in entry_points(group="nhiscan.providers")
        if point.value.startswith("nhiscan_providers.")
    }
    assert registered == folders


def test_every_report_has_an_entry_point() -> None:
    folder = ROOT / "reports/nhiscan_reports"
    files = {path.stem for path in folder.glob("*.py")} - NO_FORMAT
    files |= {path.parent.name for path in folder.glob("*/__init__.py")}
    registered = {
        point.value.split(":")[0].removeprefix("nhiscan_reports.")
        for point in entry_points(group="nhiscan.reports")
        if point.value.startswith("nhiscan_reports.")
    }
    assert registered == files


@pytest.mark.parametrize("group", ["nhiscan.providers", "nhiscan.reports"])
def test_every_entry_point_loads_under_its_own_name(group: str) -> None:
    for point in entry_points(group=group):
        assert point.load().name == point.name


def test_the_wheel_holds_every_data_file(wheel: set[str]) -> None:
    for package in ("nhiscan", "providers/nhiscan_providers", "reports/nhiscan_reports"):
        for path in (ROOT / package).rglob("*"):
            if path.suffix in {".sql", ".yaml", ".json", ".csv", ".txt", ".typed"}:
                installed = path.relative_to((ROOT / package).parent)
                assert str(installed) in wheel


def test_the_wheel_holds_the_queries(wheel: set[str]) -> None:
    queries = {path.relative_to(ROOT / "queries") for path in (ROOT / "queries").rglob("*.sql")}
    assert queries
    forced = WheelBuilder(str(ROOT)).config.get_force_include()
    assert {Path(target) for target in forced.values()} == {Path("nhiscan/queries")}
    assert not {path for path in wheel if path.startswith("tests/")}


def test_the_sdist_holds_what_the_wheel_is_built_from() -> None:
    held = {Path(file.distribution_path).parts[0] for file in _files(SdistBuilder(str(ROOT)))}
    assert {"nhiscan", "providers", "queries", "reports", "tests", "README.md"} <= held


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda p: p.name)
def test_locks_pin_by_hash_and_name_no_host(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_locks_hold_every_dependency(project: dict[str, Any]) -> None:
    extras = project["project"]["optional-dependencies"]
    needed = project["project"]["dependencies"] + extras["aws"] + extras["azure"] + extras["gcp"]
    text = (ROOT / "requirements.lock").read_text("utf-8").lower()
    for requirement in needed:
        assert f"\n{_name(requirement)}==" in "\n" + text
    assert "\nmoto==" not in text


def test_the_readme_says_why_each_dependency_is_there(project: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    wanted = list(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    for group in project["dependency-groups"].values():
        wanted += [entry for entry in group if isinstance(entry, str)]
    wanted += project["build-system"]["requires"]
    for requirement in wanted:
        assert re.search(rf"`{_name(requirement)}`", readme, re.IGNORECASE), requirement


def _name(requirement: str) -> str:
    return re.split(r"[\[><=~ ;]", requirement)[0].lower()

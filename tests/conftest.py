"""The sandbox that end-to-end tests share, a project that uses it, and the command line."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import Struct

from nhiscan_sandbox.project.write import write
from nhiscan_sandbox.sandbox import Sandbox

# The sample estate's dates are relative to this, and so is every scan that `run_nhiscan` makes.
NOW = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


class Project(Struct, frozen=True):
    """A folder with nhiscan.yaml for the sample estate, and the session that scans start from."""

    path: Path
    config: Path
    environment: dict[str, str]

    @property
    def store(self) -> Path:
        """Where the configuration puts the store."""
        return self.path / "nhiscan.duckdb"

    def run(
        self,
        *arguments: str,
        now: str = NOW.isoformat(),
        env: dict[str, str] | None = None,
        timeout: float = 120,
        input: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line in this folder as a user would, in its own process.

        `now` fixes NHISCAN_NOW (ISO 8601); `env` adds variables; nothing else of the test's
        environment but PATH and HOME is seen. Does not check the exit code.
        """
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(  # noqa: S603 our own command, with the test's arguments
            [str(Path(sys.executable).with_name("nhiscan")), *arguments],
            cwd=self.path,
            env=inherited | self.environment | {"NHISCAN_NOW": now} | (env or {}),
            input=input,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """One running sandbox for each test process; take `sandbox`, which cleans it first."""
    with Sandbox(now=NOW, canaries=True) as running:
        yield running
    assert running.crashes == []


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sample estate, with no faults and an empty log; tests may change it as they like."""
    shared_sandbox.reset()
    yield shared_sandbox
    shared_sandbox.faults.clear()


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path) -> Project:
    """A fresh sample project whose endpoints are the running sandbox."""
    return _written(tmp_path / "project", sandbox)


@pytest.fixture
def run_nhiscan(project: Project) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line in the fresh project: see `Project.run`."""
    return project.run


@pytest.fixture(scope="session")
def scanned(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The sample project after one whole scan, shared by tests that only ask questions of it."""
    shared_sandbox.reset()
    made = _written(tmp_path_factory.mktemp("scanned") / "project", shared_sandbox)
    done = made.run("scan")
    assert done.returncode == 3, done.stderr  # granite-europe refuses one source on purpose
    return made


def _written(folder: Path, sandbox: Sandbox) -> Project:
    folder.mkdir()
    access = sandbox.microsoft_access()
    google = sandbox.gcp_endpoint
    config = write(folder, sandbox.url, sandbox.environment, NOW, access, google)
    return Project(folder, config, sandbox.environment)

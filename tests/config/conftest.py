"""A folder to write configuration files into, and what loading them says."""

from pathlib import Path

import pytest

from nhiscan.config.load import load
from nhiscan.config.model import Config
from nhiscan.errors import UsageError

HEAD = """\
msp: {id: northwind}
tenants:
  - {id: northwind, kind: msp}
"""


class Folder:
    """Writes files and loads nhiscan.yaml as a user in that folder would."""

    def write(self, **files: str) -> None:
        """Write files: `people_csv` becomes people.csv."""
        for name, text in files.items():
            Path(name.replace("_", ".")).write_text(text, "utf-8")

    def load(self, text: str | None = None) -> Config:
        """Load nhiscan.yaml, written from `text` if given."""
        if text is not None:
            self.write(nhiscan_yaml=text)
        return load(Path("nhiscan.yaml"))

    def problems(self, text: str | None = None) -> list[str]:
        """Return what loading complains of."""
        try:
            self.load(text)
        except UsageError as error:
            return error.message.split("\n")
        return []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return Folder()

"""What `check` says of the configuration before it tries anything."""

from pathlib import Path

import pytest

from nhiscan.cli.check import command

_CONFIG = """
msp: {id: northwind}
tenants:
  - id: northwind
    kind: msp
    providers:
      - type: aws
        profile: nobody
        organization: true
        map: {ou-ab12-clients01: harbor}
  - {id: harbor}
  - {id: lakeside}
"""


def test_a_client_of_a_reseller_needs_no_entry_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "nhiscan.yaml"
    config.write_text(_CONFIG, "utf-8")
    # A tenant without entries: nothing is tried, and only the configuration is spoken of.
    command.main(["--config", str(config), "--tenant", "harbor"], standalone_mode=False)
    said = capsys.readouterr().err
    assert "tenant lakeside has no provider" in said
    assert "tenant harbor has no provider" not in said

"""The commands around a scan: init, check, status, permissions, providers."""

import json
import re
from pathlib import Path

from tests.scan.conftest import Estate

DENIED = {"accounts": [{"id": "a1", "users": ["x"], "states": {"tape.keys": "denied"}}]}


def test_init_writes_what_loads(estate: Estate) -> None:
    result = estate.run("init", "--dir", "new")
    assert result.returncode == 0, result.stderr
    written = result.stdout.split()
    assert all((estate.path / file).is_file() for file in written)
    assert sorted(file for file in written if not file.startswith("new/matrix/")) == [
        "new/nhiscan.yaml", "new/people.csv", "new/vendors.yaml",
    ]  # fmt: skip
    assert {"new/matrix/clients/acme.yaml", "new/matrix/slas.yaml"} < set(written)
    from nhiscan.config.load import load

    config = load(estate.path / "new" / "nhiscan.yaml")
    assert [tenant.kind for tenant in config.tenants] == ["msp", "client"]
    assert config.parties
    assert config.vendors
    # What is commented out must be right as well once it is not.
    file = estate.path / "new" / "nhiscan.yaml"
    file.write_text(re.sub(r"^( +)# ([-a-z]+:|  - )", r"\1\2", file.read_text(), flags=re.M))
    assert load(file).tenants[1].group == "acme"


def test_init_overwrites_nothing(estate: Estate) -> None:
    (estate.path / "people.csv").write_text("mine")
    result = estate.run("init")
    assert (result.returncode, result.stdout) == (2, "")
    assert "people.csv" in result.stderr
    assert [path.name for path in estate.path.iterdir()] == ["people.csv"]


def test_init_where_nothing_can_be_written(estate: Estate) -> None:
    (estate.path / "file").write_text("")
    result = estate.run("init", "--dir", "file/below")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_check_of_what_is_fine(estate: Estate) -> None:
    estate.write({"acme": {"accounts": [{"id": "a1"}]}})
    result = estate.run("check", "--format", "json")
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert {(row["account"], row["state"]) for row in rows} == {("a1", "complete")}
    assert not estate.store.exists()


def test_check_names_what_is_missing_and_what_grants_it(estate: Estate) -> None:
    estate.write({"acme": DENIED, "beta": {"accounts": [], "check": {"raise": "secret"}}})
    result = estate.run("check", "--format", "json")
    assert result.returncode == 3
    rows = {(row["tenant"], row["source"]): row for row in json.loads(result.stdout)}
    row = rows["acme", "tape.keys"]
    assert (row["state"], row["missing"]) == ("denied", "tape:tape.keys")
    assert row["grant"] == "nhiscan permissions tape"
    assert "ValueError" in rows["beta", None]["reason"]
    assert "secret" not in result.stdout + result.stderr


def test_check_agrees_with_scan_on_what_is_optional(estate: Estate) -> None:
    states = {"tape.notes": "denied", "tape.keys": "not_licensed"}
    estate.write({"acme": {"accounts": [{"id": "a1", "states": states}]}})
    assert estate.run("check").returncode == 0
    assert estate.run("scan").returncode == 0


def test_check_that_tried_nothing_is_not_fine(estate: Estate) -> None:
    estate.write({"acme": {"accounts": []}})
    result = estate.run("check", "--format", "json")
    assert result.returncode == 3
    assert "tried nothing" in result.stdout


def test_check_of_one_tenant(estate: Estate) -> None:
    estate.write({"acme": {"accounts": [{"id": "a1"}]}, "beta": DENIED})
    assert estate.run("check", "--tenant", "acme").returncode == 0
    result = estate.run("check", "--tenant", "bete")
    assert (result.returncode, "did you mean 'beta'?" in result.stderr) == (2, True)


def test_a_matrix_that_is_not_there_stops_a_check_and_a_scan(estate: Estate) -> None:
    estate.write({"acme": {"accounts": [{"id": "a1"}]}}, "matrix: matrix/\nexceptions: x.yaml\n")
    for command in ("check", "scan"):
        result = estate.run(command)
        assert result.returncode == 2
        assert "matrix: no such folder" in result.stderr
    (estate.path / "matrix").mkdir()
    # no file of exceptions: nothing was accepted
    assert estate.run("check").returncode == 0
    assert estate.run("scan").returncode == 0


def test_status_shows_gaps_and_without_network(estate: Estate) -> None:
    estate.write({"acme": DENIED})
    assert estate.run("scan").returncode == 3
    Path(estate.path / "acme.json").unlink()
    result = estate.run("status", "--format", "json")
    assert result.returncode == 0
    (row,) = json.loads(result.stdout)
    assert (row["account_id"], row["source"], row["state"]) == ("tape:a1", "tape.keys", "denied")
    assert row["reason"] == "tape.keys was refused"
    assert len(json.loads(estate.run("status", "--all", "--format", "json").stdout)) == 4
    scans = json.loads(estate.run("status", "--scans", "5", "--format", "json").stdout)
    assert [scan["incomplete"] for scan in scans] == [1]
    assert "nhiscan permissions" in result.stderr


def test_permissions_and_their_forms(estate: Estate) -> None:
    estate.write({})
    result = estate.run("permissions", "tape")
    assert (result.returncode, result.stdout) == (0, "allow tape:* (text)\n")
    assert "long" in result.stderr
    assert estate.run("permissions", "tape", "--form", "long").stdout == "allow tape:* (long)\n"
    result = estate.run("permissions", "tape", "--form", "short")
    assert (result.returncode, result.stdout) == (2, "")
    assert "text, long" in result.stderr


def test_providers_name_their_package_and_sources(estate: Estate) -> None:
    rows = json.loads(estate.run("providers", "--format", "json").stdout)
    (tape,) = [row for row in rows if row["name"] == "tape"]
    assert (tape["package"], tape["version"], tape["sources"]) == ("tape-player", "1.2", 4)
    rows = json.loads(estate.run("providers", "tape", "--format", "json").stdout)
    assert [row["source"] for row in rows] == [
        "tape.accounts", "tape.users", "tape.keys", "tape.notes",
    ]  # fmt: skip
    assert rows[1]["calls"] == "Playtape.users"


def test_a_provider_that_cannot_be_imported_is_an_error_in_its_entry(
    estate: Estate, site: Path
) -> None:
    (site / "tape_player.py").write_text("import no_such_sdk\n")
    estate.write({"acme": DENIED})
    result = estate.run("check")
    assert result.returncode == 2
    assert 'nhiscan.yaml:4: tenants[1].providers[0]: provider "tape"' in result.stderr
    assert "no_such_sdk" in result.stderr
    result = estate.run("providers")
    assert result.returncode == 0
    assert "no_such_sdk" in result.stdout + result.stderr

"""Gap lists: who gets which file, what stands in it, and what never does."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nhiscan.config.model import Config, Tenant
from nhiscan.errors import UsageError
from nhiscan.export.gaps.lists import Written, export
from nhiscan.export.gaps.rows import Asked
from nhiscan.store.read import open_reader
from tests.export.conftest import Build, finding, identity_id

NOW = datetime(2026, 5, 2, tzinfo=UTC)
FOREIGN = ("beta", "freight", "555566667777", "bo frey", "bo@")


def run(store: Path, target: Path, **options: Any) -> Written:
    asked = Asked(
        **{key: options.pop(key) for key in list(options) if key in Asked.__struct_fields__}
    )
    with open_reader(store) as con:
        return export(con, target, asked, **{"formats": ("csv", "jsonl"), "now": NOW, **options})


def tree(target: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(target)): path.read_bytes()
        for path in sorted(target.rglob("*"))
        if path.is_file()
    }


SHARED = finding(
    "acme",
    "backup",
    rule="SHR-04",
    title="backup is used by acme and Beta Freight",
    owner_id="dana",
    evidence=json.dumps(
        {
            "tenants": ["acme", "beta"],
            "principal": "arn:aws:iam::555566667777:role/beta-backup",
            "Beta_Freight": ["BetaFreight-prod", "mail BO@beta-freight.example or Bo Frey"],
            "identities": [identity_id("acme", "backup"), identity_id("beta", "backup")],
            "vendor": "123412341234",
        }
    ),
)
FINDINGS = [
    SHARED,
    finding("acme", "deploy"),
    finding("beta", "backup", owner_id="dana"),
    finding("acme-eu", "backup", owner_id="Ana/../x", title="\x1b[31m=cmd"),
    finding("northwind", "deploy", owner_id="dana", title="Reaches beta"),
    finding("beta", "deploy", status="resolved"),
    finding("beta", "deploy", rule="LIF-01", status="unknown", title="-1+1"),
]


def test_one_folder_per_owner_one_file_per_client(build: Build, tmp_path: Path) -> None:
    written = run(build(FINDINGS), tmp_path / "out")
    odd = next(path for path in written.files if "ana" in path).split("/")[0]
    expected = ["dana/acme", "dana/beta", "dana/northwind", "unassigned/acme", "unassigned/beta"]
    expected.append(f"{odd}/acme-eu")
    names = {f"{stem}.{form}" for stem in expected for form in ("csv", "jsonl")}
    assert set(written.files) == names
    assert set(tree(tmp_path / "out")) == names | {"manifest.json"}
    assert odd.startswith("ana-..-x-")
    assert (written.rows, written.owners) == (6, 3)


def test_a_clients_files_name_no_other_client(build: Build, tmp_path: Path) -> None:
    run(build(FINDINGS), tmp_path / "out", formats=("csv", "jsonl"))
    for path, content in tree(tmp_path / "out").items():
        text = content.decode().lower()
        client = path.rpartition("/")[2].split(".")[0]
        if client in ("acme", "acme-eu"):
            assert not [word for word in FOREIGN if word in text], path
            assert identity_id("beta", "backup") not in text
        if client == "beta":
            assert not [word for word in ("acme", "1111222", "cleo") if word in text], path


def test_what_is_masked_is_counted_and_the_rest_stays(build: Build, tmp_path: Path) -> None:
    run(build(FINDINGS), tmp_path / "out")
    lines = (tmp_path / "out/dana/acme.jsonl").read_text().splitlines()
    record = json.loads(lines[0])
    assert record["other_clients"] == 1
    assert record["title"] == "backup is used by acme and [another client] (also in 1 other client)"
    evidence = record["evidence_refs"]
    assert evidence["tenants"] == ["acme", "[another client]"]
    assert evidence["principal"] == "arn:aws:iam::[another client]:role/[another client]-backup"
    assert evidence["identities"] == [identity_id("acme", "backup"), "[another client]"]
    assert evidence["vendor"] == "123412341234"
    assert record["identity"] == "arn:aws:iam::111122223333:user/backup"


def test_the_msps_own_file_may_name_clients(build: Build, tmp_path: Path) -> None:
    run(build(FINDINGS), tmp_path / "out")
    assert "Reaches beta" in (tmp_path / "out/dana/northwind.csv").read_text()


def test_columns_and_why(build: Build, tmp_path: Path) -> None:
    run(build(FINDINGS), tmp_path / "out")
    with (tmp_path / "out/dana/acme.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    # governance 4.1, in that order
    assert list(rows[0])[:25] == [
        *("finding_fp", "client", "instance_id", "criteria", "rule", "severity", "title"),
        *("identity", "provider", "account", "owner", "owner_email", "owner_confidence"),
        *("backup_email", "remediation_org", "recommended_action", "evidence_refs", "first_seen"),
        *("last_seen", "due_at", "sla_days", "status", "exception_id", "ticket_ref"),
        "matrix_file_line",
    ]
    assert list(rows[0])[-4:] == ["decision", "reassign_to", "defer_until", "comment"]
    assert rows[0]["remediation_org"] == "msp"
    assert rows[0]["sla_days"] == "31"
    assert rows[0]["owner_email"] == "dana@northwind.example"
    assert rows[0]["due_at"] == "2026-06-01T00:00:00Z"
    assert rows[0]["account"] == "111122223333"
    assert "why_owner" not in rows[0]
    record = json.loads((tmp_path / "out/dana/acme.jsonl").read_text().splitlines()[0])
    assert record["why_owner"] == [
        "S3: tag owner=dana@northwind.example",
        "S7: created it, as she did for [another client]",
        "S12: contact of the account",
    ]


def test_cells_are_safe(build: Build, tmp_path: Path) -> None:
    run(build(FINDINGS), tmp_path / "out")
    content = b"".join(tree(tmp_path / "out").values())
    assert b"\x1b" not in content
    assert b",'-1+1," in content


def test_again_gives_the_same_bytes(build: Build, tmp_path: Path) -> None:
    store = build(FINDINGS)
    run(store, tmp_path / "out")
    before = tree(tmp_path / "out")
    times = {path: (tmp_path / "out" / path).stat().st_mtime_ns for path in before}
    run(store, tmp_path / "out", now=datetime(2026, 5, 3, tzinfo=UTC))
    assert tree(tmp_path / "out") == before
    assert times == {path: (tmp_path / "out" / path).stat().st_mtime_ns for path in before}
    run(store, tmp_path / "elsewhere")
    assert tree(tmp_path / "elsewhere") == before


def test_lists_that_no_longer_apply_go_and_others_stay(build: Build, tmp_path: Path) -> None:
    out = tmp_path / "out"
    store = build(FINDINGS)
    run(store, out)
    (out / "dana/notes.txt").write_text("mine")
    (out / "dana/beta.csv").write_text("edited")
    (out / "stranger.csv").write_text("not ours")
    written = run(store, out, tenants=("acme",))
    assert written.kept == ("dana/beta.csv",)
    assert set(tree(out)) == {
        *("dana/acme.csv", "dana/acme.jsonl", "unassigned/acme.csv", "unassigned/acme.jsonl"),
        *("dana/notes.txt", "dana/beta.csv", "stranger.csv", "manifest.json"),
    }


def test_manifest(build: Build, tmp_path: Path) -> None:
    run(build(FINDINGS, denied=["beta"]), tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["generated_at"] == "2026-05-02T00:00:00Z"
    assert manifest["scan_id"] == "s1"
    assert manifest["rows"] == 6
    assert [gap["client"] for gap in manifest["not_read"]] == ["beta"]
    assert manifest["not_read"][0]["state"] == "denied"
    assert {file["path"]: file["rows"] for file in manifest["files"]}["dana/acme.csv"] == 1


def test_files_are_private(build: Build, tmp_path: Path) -> None:
    run(build(FINDINGS), tmp_path / "out")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").glob("dana/*")} == {0o600}
    assert (tmp_path / "out/dana").stat().st_mode & 0o777 == 0o700


def test_contacts_of_the_configuration_name_a_client_too(build: Build, tmp_path: Path) -> None:
    store = build([finding("acme", "backup", title="ask it@harbour.example")])
    tenants = (
        Tenant(id="beta", name="Beta", group="beta", contacts={"approver": "cto@harbour.example"}),
        Tenant(id="none", name="None", group="none", contacts={"approver": "x@y.example"}),
    )
    config = Config(
        path=tmp_path / "nhiscan.yaml",
        msp_id="northwind",
        msp_name="N",
        store=store,
        tenants=tenants,
    )
    run(store, tmp_path / "out", config=config)
    text = (tmp_path / "out/unassigned/acme.csv").read_text()
    assert "harbour" not in text
    assert "ask [another client]" in text


def test_unknown_tenant(build: Build, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no tenant 'acmee'") as caught:
        run(build(FINDINGS), tmp_path / "out", tenants=("acmee",))
    assert caught.value.hint == "did you mean 'acme'?"
    assert not (tmp_path / "out").exists()


def test_command(build: Build, tmp_path: Path) -> None:
    from nhiscan.cli.export import command

    store = build(FINDINGS)
    arguments = ["gaps", "--to", str(tmp_path / "out"), "--db", str(store), "--tenant", "acme"]
    result = CliRunner().invoke(command, [*arguments, "--format", "xlsx"])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        str(tmp_path / "out/dana/acme.xlsx"),
        str(tmp_path / "out/unassigned/acme.xlsx"),
    ]
    assert "2 findings for 2 owners" in result.stderr

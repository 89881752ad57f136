"""Estates may have accounts, directories or both; the sample ties its two clouds together."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from nhiscan_sandbox.estate.load import load, sample
from nhiscan_sandbox.estate.model import Estate
from nhiscan_sandbox.project.write import SCANNER
from nhiscan_sandbox.sandbox import Sandbox


def test_an_estate_without_directories_serves_aws_alone() -> None:
    estate = msgspec.convert(
        {"accounts": [{"id": "111122223333", "name": "a", "email": "a@a.example"}]}, Estate
    )
    with Sandbox(estate) as sandbox:
        assert (sandbox.azure_url, sandbox.ca_file) == (None, None)
        assert sandbox.environment == {}
        with pytest.raises(ValueError, match="no directories"):
            sandbox.azure.secret(SCANNER)


def test_the_authority_s_file_goes_with_the_sandbox() -> None:
    estate = msgspec.convert(
        {"directories": [{"id": "a", "name": "A", "domains": ["a.example"]}]}, Estate
    )
    with Sandbox(estate) as sandbox:
        assert sandbox.ca_file is not None
        kept = sandbox.ca_file
        assert kept.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert not kept.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"roles": [{"role": "Global Reader", "to": "nobody"}]},
        {"applications": [{"name": "a", "owners": ["nobody@a.example"]}]},
    ],
)
def test_names_that_nobody_has_are_errors(wrong: Any) -> None:
    one = {"id": "a", "name": "A", "domains": ["a.example"], **wrong}
    estate = msgspec.convert({"directories": [one]}, Estate)
    with pytest.raises(ValueError, match="nobody"):
        Sandbox(estate)


def test_wrong_keys_are_errors_that_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("directories: [{id: a, name: A, domains: [], licens: p1}]")
    with pytest.raises(ValueError, match=r"bad\.yaml.*licens"):
        load([file])


def test_every_directory_of_the_sample_let_the_scanner_in() -> None:
    directories = sample().directories
    assert len(directories) == 4
    for one in directories:
        if one.name == "Northwind MSP":
            (app,) = (app for app in one.applications if app.app_id == SCANNER)
            holder = app.principal
        else:
            (holder,) = (each for each in one.principals if each.app_id == SCANNER)
        assert holder is not None
        assert "Application.Read.All" in holder.roles["graph"]
        assert one.root_roles


def test_the_sample_shares_certificates_workloads_and_applications_across_clients() -> None:
    acme, granite = (
        one for one in sample().directories if one.name in ("Acme Dental", "Granite Logistics")
    )

    def material(one: Any) -> set[str]:
        return {c.material for app in one.applications for c in app.certificates if c.material}

    def subjects(one: Any) -> set[str]:
        return {f.subject for app in one.applications for f in app.federated}

    def visitors(one: Any) -> set[str]:
        return {each.app_id for each in one.principals if each.home not in (None, "microsoft")}

    assert material(acme) & material(granite)
    assert "repo:northwind-msp/automation:ref:refs/heads/main" in subjects(acme) & subjects(granite)
    assert len(visitors(acme) & visitors(granite)) == 4

"""Entra gives tokens to applications that prove who they are, with Microsoft's own errors."""

import base64
import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, WorkloadIdentityCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from nhiscan_sandbox.faults import Fault
from tests.sandbox.azure.conftest import CORNER, PLAIN, SCANNER, Office

GRAPH = "https://graph.microsoft.com/.default"


def claims(token: str) -> Any:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_tokens_say_who_asks_where_and_what_was_consented_to_there(office: Office) -> None:
    with office.credential(CORNER, additionally_allowed_tenants=["*"]) as credential:
        here = claims(credential.get_token(GRAPH).token)
        there = claims(credential.get_token(GRAPH, tenant_id=PLAIN).token)
    assert (here["tid"], here["appid"], here["aud"]) == (
        CORNER,
        SCANNER,
        "https://graph.microsoft.com",
    )
    assert "Directory.Read.All" in here["roles"]
    assert (there["tid"], "Directory.Read.All" in there["roles"]) == (PLAIN, False)
    assert here["oid"] != there["oid"]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("7000215", {"secret": "wrong"}),
        ("700016", {"client_id": "c0000000-0000-4000-8000-0000000000ff"}),
    ],
)
def test_wrong_credentials_are_refused(office: Office, code: str, change: Any) -> None:
    with (
        office.credential(**change) as credential,
        pytest.raises(ClientAuthenticationError, match=f"AADSTS{code}:"),
    ):
        credential.get_token(GRAPH)


def test_an_expired_secret_is_refused_as_such(office: Office) -> None:
    expired = office.sandbox.azure.expired_secret(SCANNER)
    with (
        office.credential(secret=expired) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000222:"),
    ):
        credential.get_token(GRAPH)


def test_a_directory_that_does_not_exist_is_refused(office: Office) -> None:
    with (
        office.credential("e0000000-0000-4000-8000-000000000001") as credential,
        pytest.raises(ClientAuthenticationError, match="Unable to get authority configuration"),
    ):
        credential.get_token(GRAPH)
    (asked,) = office.sandbox.log.of("GetOpenIdConfiguration")
    assert asked.status == 400


@pytest.mark.parametrize("code", ["53003", "65001", "700016"])
def test_faults_refuse_tokens_with_a_chosen_error(office: Office, code: str) -> None:
    office.sandbox.faults.set([Fault(kind="denied", operation="GetToken", code=f"AADSTS{code}")])
    with (
        office.credential() as credential,
        pytest.raises(ClientAuthenticationError, match=f"AADSTS{code}:"),
    ):
        credential.get_token(GRAPH)


def test_a_federated_token_from_a_file_is_a_proof(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("whatever the platform wrote there")
    with WorkloadIdentityCredential(
        tenant_id=CORNER, client_id=SCANNER, token_file_path=str(file), **office.settings()
    ) as credential:
        assert claims(credential.get_token(GRAPH).token)["appid"] == SCANNER


def test_a_certificate_is_a_proof(office: Office, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "scanner")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = tmp_path / "scanner.pem"
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(pem) + private)
    with CertificateCredential(CORNER, SCANNER, str(file), **office.settings()) as credential:
        assert claims(credential.get_token(GRAPH).token)["tid"] == CORNER

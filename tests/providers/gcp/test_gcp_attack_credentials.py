"""Broken files of credentials: the scan says so, and quotes nothing of them."""

import json
import traceback
from pathlib import Path
from typing import Any

import pytest

from nhiscan.ledger import Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.options import Options
from nhiscan_providers.gcp.wire import Patience, Wire

_KEY = {
    "type": "service_account", "client_email": "a@acme-sec.iam.gserviceaccount.com",
    "private_key": "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n",
    "private_key_id": "CANARY", "token_uri": "http://127.0.0.1:1/token",
}  # fmt: skip
_FILES: dict[str, Any] = {
    "no key": _KEY,
    "a list": ["CANARY"],
    "null": None,
    "federation": {"type": "external_account", "audience": "CANARY", "credential_source": 5},
    "impersonation": {"type": "impersonated_service_account", "source_credentials": "CANARY"},
    "no json": b"0\x82\xff\xfeCANARY",
    "deep": b"[" * 100_000,
}


def _enter(path: Path, monkeypatch: pytest.MonkeyPatch) -> Fault:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    access = Access(Wire(Patience(attempts=1)), Options(organization="1"))
    with pytest.raises(Fault) as caught:
        access.enter(Reading("iamcredentials.token"))
    return caught.value


@pytest.mark.parametrize("name", _FILES)
def test_a_broken_file_is_told_and_not_quoted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, held = tmp_path / "scanner.json", _FILES[name]
    path.write_bytes(held if isinstance(held, bytes) else json.dumps(held).encode())
    fault = _enter(path, monkeypatch)
    assert (fault.kind, fault.state) == ("credentials", "denied")
    assert "CANARY" not in "".join(traceback.format_exception(fault))


def test_a_folder_in_place_of_a_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _enter(tmp_path, monkeypatch).kind == "credentials"


def test_a_token_service_that_does_not_answer_is_unreachable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    path = tmp_path / "scanner.json"
    path.write_text(json.dumps({**_KEY, "private_key": pem}), encoding="utf-8")
    fault = _enter(path, monkeypatch)
    assert fault.state == "unreachable"
    assert pem.splitlines()[1] not in "".join(traceback.format_exception(fault))

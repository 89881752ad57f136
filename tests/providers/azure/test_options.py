"""An entry's keys: what is refused, which cloud is meant, and where secrets come from."""

from pathlib import Path
from typing import Any

import pytest

from nhiscan.errors import ProviderError
from nhiscan.provider import Secret
from nhiscan_providers.azure.clouds import PUBLIC, Endpoints
from nhiscan_providers.azure.options import Options

TENANT = "9C0A0000-0000-4000-8000-000000000001"
CLIENT = "1f220000-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tenant_id": "acme.example"}, "tenant_id"),
        ({"client_id": "nhiscan"}, "client_id"),
        ({"subscriptions": ("prod",)}, "subscriptions"),
        ({"map": {"acme": "acme"}}, "map"),
        ({"client_secret": Secret("env:X")}, "client_id"),
        (
            {
                "client_id": CLIENT,
                "client_secret": Secret("env:X"),
                "certificate": Secret("file:x.pem"),
            },
            "one of",
        ),
        ({"client_id": CLIENT, "certificate": Secret("env:PEM")}, "certificate: `file:PATH`"),
        ({"client_id": CLIENT, "federated_token": Secret("env:T")}, "federated_token"),
        ({"certificate_password": Secret("env:X")}, "certificate_password"),
        ({"endpoint": "http://127.0.0.1:1"}, "endpoint"),
        ({"endpoint": Endpoints(graph="graph.microsoft.us")}, "endpoint"),
        ({"ca": Secret("env:CA")}, "ca"),
        ({"audit_days": 90}, "audit_days"),
    ],
)
def test_wrong_values_name_their_key(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Options(**({"tenant_id": TENANT} | given))


def test_ids_are_compared_in_lower_case() -> None:
    options = Options(tenant_id=TENANT, map={TENANT.replace("9C", "8C"): "beta"})
    assert options.directory == TENANT.lower()
    assert options.tenants() == {TENANT.lower().replace("9c", "8c"): "beta"}


def test_a_national_host_brings_its_cloud_and_no_reports() -> None:
    cloud = Options(tenant_id=TENANT, endpoint=Endpoints(graph="https://graph.microsoft.us")).cloud
    assert cloud.authority == "https://login.microsoftonline.us"
    assert cloud.arm == "https://management.usgovcloudapi.net"
    assert cloud.graph_scope == "https://graph.microsoft.us/.default"
    assert cloud.arm_scope == "https://management.usgovcloudapi.net/.default"
    assert not cloud.reports
    china = Options(
        tenant_id=TENANT, endpoint=Endpoints(arm="https://management.chinacloudapi.cn/")
    ).cloud
    assert china.arm == "https://management.chinacloudapi.cn"
    assert china.graph_scope == "https://microsoftgraph.chinacloudapi.cn/.default"


def test_any_other_host_stands_in_for_the_public_cloud() -> None:
    options = Options(tenant_id=TENANT, endpoint="https://127.0.0.1:8443/")
    assert options.cloud.graph == options.cloud.arm == "https://127.0.0.1:8443"
    assert options.cloud.graph_scope == PUBLIC.graph_scope
    assert options.cloud.reports
    assert Options(tenant_id=TENANT).cloud == PUBLIC


def test_files_are_found_beside_the_configuration_or_named_as_missing(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    options = Options(tenant_id=TENANT, ca=Secret("file:ca.pem", str(tmp_path)))
    assert options.file("ca") == str(tmp_path / "ca.pem")
    gone = Options(tenant_id=TENANT, ca=Secret("file:other.pem", str(tmp_path)))
    with pytest.raises(ProviderError, match=r"ca: file:other\.pem: no such file"):
        gone.file("ca")

"""A small estate of Microsoft directories, and clients that see each first answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core import PipelineClient
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import ClientSecretCredential
from msgspec.structs import replace

from nhiscan_sandbox.estate.azure_model import User
from nhiscan_sandbox.estate.load import load
from nhiscan_sandbox.estate.model import Estate
from nhiscan_sandbox.sandbox import Sandbox

CORNER = "c0000000-0000-4000-8000-000000000001"
PLAIN = "d0000000-0000-4000-8000-000000000001"
SCANNER = "c0000000-0000-4000-8000-0000000000aa"
ONE = "c0000000-0000-4000-8000-000000000101"
_AUDIENCES = {"graph": "https://graph.microsoft.com", "arm": "https://management.azure.com"}


class Office:
    """Clients of one running sandbox, without retries."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._clients: dict[tuple[str, str], PipelineClient[Any, Any]] = {}

    def credential(self, directory: str = CORNER, **more: Any) -> ClientSecretCredential:
        """Make the scanner's credential for a directory."""
        return ClientSecretCredential(
            directory,
            more.pop("client_id", SCANNER),
            more.pop("secret", self.sandbox.azure.secret(SCANNER)),
            **self.settings(),
            **more,
        )

    def settings(self) -> dict[str, Any]:
        """Return what makes azure-identity talk to the sandbox."""
        return {
            "authority": self.sandbox.azure_url,
            "disable_instance_discovery": True,
            "connection_verify": str(self.sandbox.ca_file),
        }

    def send(self, request: HttpRequest, api: str = "graph", directory: str = CORNER) -> Any:
        """Send a request with a token, and return the response."""
        client = self._clients.get((api, directory))
        if client is None:
            scope = f"{_AUDIENCES[api]}/.default"
            policy = BearerTokenCredentialPolicy(self.credential(directory), scope)
            base = str(self.sandbox.azure_url)
            client = PipelineClient(
                base, policies=[policy], connection_verify=str(self.sandbox.ca_file)
            )
            self._clients[api, directory] = client
        response: HttpResponse = client.send_request(request)
        return response

    def get(self, path: str, directory: str = CORNER, **headers: str) -> Any:
        """Get a path of Graph, and return the response."""
        url = path if "://" in path else f"{self.sandbox.azure_url}/{path}"
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.send(HttpRequest("GET", url, headers=sent), "graph", directory)

    def rows(self, path: str, directory: str = CORNER, **headers: str) -> list[Any]:
        """Get a list of Graph to its end."""
        rows: list[Any] = []
        link: str | None = path
        while link:
            body = self.get(link, directory, **headers).json()
            rows += body["value"]
            link = body.get("@odata.nextLink")
        return rows

    def batch(self, *urls: str) -> Any:
        """Send a batch of GETs, numbered from 0, and return the response."""
        asked = [{"id": str(n), "method": "GET", "url": url} for n, url in enumerate(urls)]
        url = f"{self.sandbox.azure_url}/v1.0/$batch"
        return self.send(HttpRequest("POST", url, json={"requests": asked}))

    def arm(self, path: str, directory: str = CORNER) -> Any:
        """Get a path of Resource Manager, and return the response."""
        mark = "&" if "?" in path else "?"
        url = f"{self.sandbox.azure_url}{path}{mark}api-version=2022-04-01"
        return self.send(HttpRequest("GET", url), "arm", directory)

    def ask(self, query: str, directory: str = CORNER, **body: Any) -> Any:
        """Ask Resource Graph, and return the response."""
        url = f"{self.sandbox.azure_url}/providers/Microsoft.ResourceGraph/resources"
        request = HttpRequest(
            "POST", f"{url}?api-version=2024-04-01", json={"query": query, **body}
        )
        return self.send(request, "arm", directory)

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()


def crowded() -> Estate:
    """Load the estate, and let 25 more people own the application `crowd`."""
    estate = load([Path(__file__).with_name("estate.yaml")])
    corner, *others = estate.directories
    people = tuple(User(upn=f"p{n}@corner.example", name=f"P{n}") for n in range(25))
    owners = tuple(one.upn for one in people)
    applications = tuple(
        replace(one, owners=owners) if one.name == "crowd" else one for one in corner.applications
    )
    corner = replace(corner, users=corner.users + people, applications=applications)
    return replace(estate, directories=(corner, *others))


@pytest.fixture(scope="module")
def running_office() -> Iterator[Office]:
    with Sandbox(crowded(), canaries=True) as sandbox:
        office = Office(sandbox)
        yield office
        office.close()
    assert sandbox.crashes == []


@pytest.fixture
def office(running_office: Office) -> Office:
    """The two directories as the estate has them, with no faults and an empty log."""
    running_office.sandbox.reset()
    return running_office

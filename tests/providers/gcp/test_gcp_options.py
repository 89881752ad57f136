"""Entries are checked before anything is called."""

from typing import Any

import pytest

from nhiscan_providers.gcp.options import Endpoint, Options

_HERE = Endpoint(grpc="127.0.0.1:50051", rest="http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "organization, or projects"),
        ({"organization": "acme"}, "a number"),
        ({"projects": ("Acme",)}, "not the id of a project"),
        ({"organization": "1", "impersonate": "dana@acme.example"}, "impersonate"),
        ({"organization": "1", "quota_project": "X"}, "quota_project"),
        ({"organization": "1", "map": {"folders/x": "acme"}}, "map"),
        ({"projects": ("acme-prod",), "map": {"acme-prod": "acme"}}, "only with `organization`"),
        ({"organization": "1", "creators_pages": -1}, "creators_pages"),
        ({"organization": "1", "credentials": "anonymous"}, "on this machine only"),
        ({"organization": "1", "endpoint": Endpoint(grpc="proxy.example:443",
          rest="http://proxy.example")}, "plain text only"),
        ({"organization": "1", "credentials": "anonymous", "endpoint": Endpoint(
          grpc="proxy.example:443", rest="https://proxy.example")}, "on this machine only"),
        ({"organization": "1", "endpoint": Endpoint(grpc="127.0.0.1:1",
          rest="http://proxy.example")}, "plain text only"),
        ({"organization": "1", "endpoint": Endpoint(grpc="here", rest="https://x.example")},
         "HOST:PORT"),
    ],
)  # fmt: skip
def test_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Options(**given)


def test_accepted() -> None:
    assert Options(organization="1", credentials="anonymous", endpoint=_HERE).scope
    assert Options(projects=("acme-prod", "acme.example:legacy-app")).scope is None
    places = {"folders/2": "a", "organizations/1": "b", "acme-prod": "c"}
    assert Options(organization="1", map=places).map == places

"""Replies that no service should send: a gap that says so, never a crash and never an absence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nhiscan_sandbox.http import Reply, Request
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import HASTY, Collected
from tests.providers.azure.hostile import Change, hostile, with_body

Collect = Callable[..., Collected]

PRINCIPALS = "/v1.0/servicePrincipals?$top=999&$select=id,appId"
_DEEP = b'{"value":[{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}"
_BODIES = {
    "page of a web site": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "no bytes": b"",
    "null": b"null",
    "a list": b"[]",
    "null for the list": b'{"value":null}',
    "no list": b"{}",
    "objects that are numbers": b'{"value":[1,2,3]}',
    "no UTF-8": b'{"value":[{"id":"\xff\xfe"}]}',
    "half a character": b'{"value":[{"id":"\\ud800"}]}',
    "too deep": _DEEP,
    "no ids": b'{"value":[{"displayName":"x"}]}',
    "empty ids": b'{"value":[{"id":""}]}',
    "nothing at all": b'{"value":[]}',
}


def replaced(part: str, body: bytes, **headers: str) -> Change:
    def change(request: Request, reply: Reply) -> Reply:
        from urllib.parse import unquote

        return with_body(reply, body, **headers) if part in unquote(request.target) else reply

    return change


@pytest.mark.parametrize("body", _BODIES.values(), ids=_BODIES)
@pytest.mark.parametrize(
    ("part", "source"),
    [
        (PRINCIPALS, "graph.service_principals"),
        ("/v1.0/applications?$top=999", "graph.applications"),
        ("/v1.0/organization", "graph.organization"),
    ],
)
def test_a_list_that_is_none_is_a_gap(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, part: str, source: str, body: bytes
) -> None:
    if part != PRINCIPALS and body == _BODIES["nothing at all"] and "organization" not in part:
        pytest.skip("a directory may have no registrations")
    with hostile(sandbox, tmp_path, replaced(part, body)) as service:
        found = collect(patience=HASTY, **service.options)
    assert source in found.gaps()


def test_garbage_that_calls_itself_compressed_is_a_gap(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    change = replaced(PRINCIPALS, b"\x1f\x8b\x08garbage", **{"Content-Encoding": "gzip"})
    with hostile(sandbox, tmp_path, change) as service:
        found = collect(patience=HASTY, **service.options)
    assert found.gaps()["graph.service_principals"] == "unreachable"

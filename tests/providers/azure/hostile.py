"""A service on loopback that passes the sandbox's answers on, changed as a test wishes."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from nhiscan.provider import Secret
from nhiscan_sandbox.azure.certificates import certify
from nhiscan_sandbox.http import Reply, Request, Server
from nhiscan_sandbox.sandbox import Sandbox

Change = Callable[[Request, Reply], Reply]


class Hostile(Struct):
    """Where to find it, and what it was asked: method and path with query, in order."""

    url: str
    ca: Secret
    asked: list[str]

    @property
    def options(self) -> dict[str, Any]:
        """The options of an entry that lead here."""
        return {"endpoint": self.url, "ca": self.ca}


@contextmanager
def hostile(sandbox: Sandbox, folder: Path, change: Change) -> Iterator[Hostile]:
    """Serve what the sandbox answers, each reply passed through `change`."""
    _, context = certify(folder)
    true = str(sandbox.azure_url)
    trusted = ssl.create_default_context(cafile=str(sandbox.ca_file))
    asked: list[str] = []

    def answer(request: Request) -> Reply:
        asked.append(f"{request.method} {unquote(request.target)}")
        connection = HTTPSConnection(urlsplit(true).netloc, context=trusted, timeout=20)
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in ("host", "content-length", "connection", "accept-encoding")
        }
        connection.request(request.method, request.target, request.body or None, headers)
        got = connection.getresponse()
        body = got.read().replace(true.encode(), server.url.encode())
        connection.close()
        return change(request, Reply(got.status, dict(got.headers.items()), body))

    server = Server(answer, context)
    server.start()
    try:
        yield Hostile(server.url, Secret(f"file:{folder / 'ca.pem'}"), asked)
    finally:
        server.stop()
    assert server.crashes == []


def only(part: str, made: Callable[[Any], Any]) -> Change:
    """Change the JSON of every reply whose path and query hold `part`; leave the others."""

    def change(request: Request, reply: Reply) -> Reply:
        if part not in unquote(request.target) or reply.status != 200:
            return reply
        return with_body(reply, msgspec.json.encode(made(msgspec.json.decode(reply.body))))

    return change


def with_body(reply: Reply, body: bytes, **headers: str) -> Reply:
    """Put another body into a reply."""
    return Reply(reply.status, reply.headers | headers, body)


def inner(made: Callable[[dict[str, Any], str], dict[str, Any] | None]) -> Change:
    """Change each answer of a `$batch`, given with the path it answers; null leaves it out."""

    def change(request: Request, reply: Reply) -> Reply:
        if "$batch" not in request.target or reply.status != 200:
            return reply
        asked = {one["id"]: one["url"] for one in msgspec.json.decode(request.body)["requests"]}
        answers = msgspec.json.decode(reply.body)["responses"]
        changed = [made(one, asked[one["id"]]) for one in answers]
        kept = [one for one in changed if one is not None]
        return with_body(reply, msgspec.json.encode({"responses": kept}))

    return change

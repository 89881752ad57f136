"""Reads from a signed request who asks which service for what, without any routing by host."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from nhiscan_sandbox.aws.wire import model

_SCOPE = re.compile(r"Credential=([^/\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
# Page markers by the names that the APIs give them.
_MARKERS = ("Marker", "NextToken", "nextToken")


class Asked(Struct, frozen=True, kw_only=True):
    """One request, understood. `key` null: it was not signed."""

    key: str | None
    region: str
    service: str
    operation: str
    params: dict[str, Any]

    def text(self, name: str) -> str | None:
        """Return a parameter as text, null when it is absent."""
        value = self.params.get(name)
        return None if value is None else str(value)

    def list(self, name: str) -> list[Any]:
        """Return a list parameter, in JSON's form or in the query protocol's `Name.member.N`."""
        value = self.params.get(name)
        if isinstance(value, list):
            return value
        prefix = f"{name}.member."
        return [v for k, v in self.params.items() if k.startswith(prefix)]

    @property
    def marker(self) -> str | None:
        """Return the page marker that the request carries."""
        return next((str(self.params[name]) for name in _MARKERS if self.params.get(name)), None)


def identify(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Asked | None:
    """Understand a request, or return null when it is signed for no service that botocore knows."""
    scope = _SCOPE.search(headers.get("Authorization", ""))
    if scope is None:
        return None
    key, region, service = scope.groups()
    if service not in known_services():
        return None
    path = urlsplit(target).path
    params = _params(headers, target, body)
    if amz_target := headers.get("X-Amz-Target"):
        operation = amz_target.rpartition(".")[2]
    elif "Action" in params:
        operation = str(params["Action"])
    else:
        operation = _route(service, method, path)
    return Asked(key=key, region=region, service=service, operation=operation, params=params)


@cache
def known_services() -> frozenset[str]:
    """Name the services botocore describes; signing names are theirs in all that we serve."""
    import botocore.session

    return frozenset(botocore.session.get_session().get_available_services())


def _params(headers: Mapping[str, str], target: str, body: bytes) -> dict[str, Any]:
    text = body.decode("utf-8", "replace")
    if "x-www-form-urlencoded" in headers.get("Content-Type", ""):
        return {name: values[0] for name, values in parse_qs(text).items()}
    params: dict[str, Any] = {n: v[0] for n, v in parse_qs(urlsplit(target).query).items()}
    if text.startswith("{"):
        params |= json.loads(text)
    return params


def _route(service: str, method: str, path: str) -> str:
    for name, verb, pattern in _routes(service):
        if verb == method and pattern.fullmatch(path):
            return name
    return "Unknown"


@cache
def _routes(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Make the REST routes of a service from its description, most literal first."""
    found = []
    for name in model(service).operation_names:
        http = model(service).operation_model(name).http
        template = http["requestUri"].partition("?")[0]
        literal = len(re.sub(r"\{.*?\}", "", template))
        parts = re.split(r"(\{[^}]*\})", template.rstrip("/"))
        pattern = "".join(_part(part) for part in parts)
        found.append((literal, name, http["method"], re.compile(pattern + "/?")))
    found.sort(key=lambda route: -route[0])
    return [(name, verb, pattern) for _, name, verb, pattern in found]


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part.endswith("+}") else "[^/]+"

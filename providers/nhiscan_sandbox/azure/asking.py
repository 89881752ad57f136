"""Understands a request: which of the three services it is for, and what it wants there."""

from typing import Any

from msgspec import Struct

from nhiscan_sandbox.azure import arm, routes
from nhiscan_sandbox.azure.arm import Place
from nhiscan_sandbox.azure.odata import Query, parse
from nhiscan_sandbox.azure.routes import Asked
from nhiscan_sandbox.azure.tokens import Bearer
from nhiscan_sandbox.azure.wire import Service

# Where links of a fault lead: another host, which must never see a token.
ELSEWHERE = "/elsewhere/"
_POSTS = frozenset({"BatchGet", "SearchResources", "GetToken"})


class Asking(Struct, kw_only=True):
    """A request as it was understood. `graph` or `place` says what is asked for, if it exists."""

    service: Service
    operation: str
    query: Query
    body: bytes
    authorization: str
    directory: str | None = None
    graph: Asked | None = None
    place: Place | None = None
    bearer: Bearer | None = None


def understand(method: str, target: str, headers: Any, body: bytes) -> Asking:
    """Understand a request; what would write gets a name that says so, and is nowhere found."""
    level = (headers.get("ConsistencyLevel") or headers.get("consistencylevel") or "").lower()
    query = parse(target)
    advanced = level == "eventual" and query.values.get("$count", "").lower() == "true"
    query = Query(query.path, query.values, advanced)
    asking = Asking(
        service="arm",
        operation="",
        query=query,
        body=body,
        authorization=headers.get("Authorization") or headers.get("authorization") or "",
    )
    _place(asking)
    if not asking.operation:
        asking.operation = f"{method.capitalize()}Unknown"
    if method != ("POST" if asking.operation in _POSTS else "GET"):
        asking.operation = f"{method.capitalize()}{asking.operation}"
        asking.graph = asking.place = None
    return asking


def elsewhere(asking: Asking) -> bool:
    """Say whether a request followed a link to the other host."""
    return asking.query.path.startswith(ELSEWHERE)


def _place(asking: Asking) -> None:
    path = asking.query.path
    directory, _, rest = path.strip("/").partition("/")
    if rest == "v2.0/.well-known/openid-configuration":
        asking.service, asking.operation = "entra", "GetOpenIdConfiguration"
        asking.directory = directory.lower()
    elif rest == "oauth2/v2.0/token":
        asking.service, asking.operation = "entra", "GetToken"
        asking.directory = directory.lower()
    elif path.startswith(ELSEWHERE):
        asking.operation = "Elsewhere"
    elif directory in ("v1.0", "beta"):
        asking.service = "graph"
        asking.graph = routes.identify(asking.query)
        asking.operation = asking.graph.operation if asking.graph else ""
    else:
        asking.place = arm.identify(path)
        asking.operation = asking.place.operation if asking.place else ""

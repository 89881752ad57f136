"""What a fault answers with, in the words of the service that it befalls."""

from urllib.parse import urlsplit

from nhiscan_sandbox.azure import entra, graph, permissions, quirks, resource_graph, rights
from nhiscan_sandbox.azure.asking import ELSEWHERE, Asking
from nhiscan_sandbox.azure.wire import Json, Refusal
from nhiscan_sandbox.faults import Fault

_NEXT = {"graph": "@odata.nextLink", "arm": "nextLink"}


def refusal_of(fault: Fault, asking: Asking) -> Refusal:
    """Make the refusal that a fault answers with."""
    service, operation = asking.service, asking.operation
    if service == "entra" and fault.kind in ("denied", "error") and fault.code:
        return entra.coded(fault.code)
    match fault.kind:
        case "throttle":
            made = _throttled(fault, operation)
        case "denied" if service == "entra":
            made = entra.conditional_access()
        case "denied":
            made = permissions.denial() if service == "graph" else _no_right(asking)
        case "expired":
            message = "Lifetime validation failed, the token is expired."
            made = Refusal(401, "InvalidAuthenticationToken", message)
        case "bad_marker":
            made = graph.expired_page() if service == "graph" else resource_graph.bad_token()
        case "not_licensed":
            made = graph.not_licensed(operation)
        case _:
            made = Refusal(fault.status, "UnknownError", "An unexpected error occurred.")
    if fault.code:
        made.code = fault.code
    return made


def _no_right(asking: Asking) -> Refusal:
    place = asking.place
    action = (place.action if place else "") or "Microsoft.Resources/subscriptions/read"
    return rights.denial(action, (place.scope if place else "") or "/")


def _throttled(fault: Fault, operation: str) -> Refusal:
    if operation == "SearchResources" and fault.retry_after is None:
        return resource_graph.throttled()
    return quirks.throttled(fault.retry_after)


def change(fault: Fault, body: Json, base: str) -> Json:
    """Let the link to the next page of a list lead to another host, if the fault says so."""
    if fault.kind != "foreign_link" or "value" not in body:
        return body
    name = _NEXT["graph" if "@odata.context" in body else "arm"]
    port = urlsplit(base).port
    return body | {name: f"https://localhost:{port}{ELSEWHERE}v1.0/next?$skiptoken=abc"}

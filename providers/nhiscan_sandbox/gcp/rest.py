"""The REST surface: requests in, JSON out."""

import json
from typing import Any
from urllib.parse import parse_qsl

from nhiscan_sandbox.gcp.gateway import Broken, Gateway
from nhiscan_sandbox.gcp.methods import Route, route
from nhiscan_sandbox.gcp.pages import Asked
from nhiscan_sandbox.gcp.wire import Refusal, refuse, render, render_refusal
from nhiscan_sandbox.http import Cut, Reply, Request


class Rest:
    """Answers HTTP requests for all of Google's APIs at one address."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def answer(self, request: Request) -> Reply | Cut:
        """Answer one request, with whatever fault befalls it."""
        found = route(request.method, request.target)
        if found is None:
            problem = refuse("NOT_FOUND", "The requested URL was not found on this server.").problem
            return render_refusal("", problem)
        try:
            asked = _asked(found, request)
            reply = render(self._gateway.answer(asked, found.method))
        except Broken:
            return Cut()
        except Refusal as refusal:
            return render_refusal(found.method.service, refusal.problem)
        return reply if asked.cut is None else Cut(reply, asked.cut)


def _asked(found: Route, request: Request) -> Asked:
    scheme, _, token = str(request.headers.get("Authorization") or "").partition(" ")
    return Asked(
        service=found.method.service,
        operation=found.method.operation,
        target=found.target,
        params=dict(found.query) | _body(request),
        token=token if scheme else None,
        quota_project=request.headers.get("X-Goog-User-Project"),
    )


def _body(request: Request) -> dict[str, Any]:
    if not request.body:
        return {}
    if "form-urlencoded" in str(request.headers.get("Content-Type")):
        return dict(parse_qsl(request.body.decode()))
    try:
        read = json.loads(request.body)
    except ValueError:
        raise refuse("INVALID_ARGUMENT", "Invalid JSON payload received.") from None
    if not isinstance(read, dict):
        raise refuse("INVALID_ARGUMENT", "Invalid JSON payload received: not an object.")
    return read

"""Calls moto in this process, as the WSGI application that its server would run."""

import logging
from importlib import import_module
from typing import Any

from nhiscan_sandbox.aws.wire import Refusal
from nhiscan_sandbox.http import Reply, Request

_HOP_BY_HOP = {"connection", "accept-encoding", "content-length", "transfer-encoding", "expect"}


def models(service: str) -> Any:
    """Import the module of moto that holds a service's data, untyped as we must treat it."""
    return import_module(f"moto.{service}.models")


class Moto:
    """moto's dispatcher; `account` decides whose data a call sees, not the access key."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.test import Client

        # moto logs each error reply with a traceback; the caller gets the reply anyway.
        logging.getLogger("moto").setLevel(logging.CRITICAL)
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self._patterns = import_module("moto.backend_index").backend_url_patterns
        self._client: Any = Client(
            DomainDispatcherApplication(create_backend_app), use_cookies=False
        )

    def call(self, request: Request, service: str, account: str) -> Reply:
        """Pass a request on; what moto does not have is refused as unknown."""
        if not self._has(service):
            raise Refusal(400, "UnknownOperationException", f"No service {service} here.")
        passed = {n: v for n, v in request.headers.items() if n.lower() not in _HOP_BY_HOP}
        passed["x-moto-account-id"] = account
        try:
            answer = self._client.open(
                request.target, method=request.method, headers=passed, data=request.body
            )
        except NotImplementedError as error:
            raise Refusal(400, "UnknownOperationException", str(error)) from error
        with answer:
            dropped = _HOP_BY_HOP | {"access-control-allow-origin"}
            kept = {n: v for n, v in answer.headers.items() if n.lower() not in dropped}
            return Reply(answer.status_code, kept, answer.get_data())

    def _has(self, service: str) -> bool:
        host = f"http://{service}.us-east-1.amazonaws.com"
        return any(pattern.match(host) for _, pattern in self._patterns)

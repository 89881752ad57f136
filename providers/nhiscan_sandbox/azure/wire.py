"""Replies and errors in the words of each of the three services."""

import json
from typing import Any, Literal

from nhiscan_sandbox.azure.guids import guid
from nhiscan_sandbox.http import Reply

Json = dict[str, Any]
Service = Literal["entra", "graph", "arm"]


class Refusal(Exception):  # noqa: N818 - an answer rather than a failure
    """An error answer: status, code, message, and headers that go with it."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.headers = {name.replace("_", "-"): text for name, text in headers.items()}

    def body(self, service: Service) -> Json:
        """Write the error as a service does."""
        if service == "entra":
            number = self.message.partition(":")[0].removeprefix("AADSTS")
            return {
                "error": self.code,
                "error_description": self.message,
                "error_codes": [int(number)] if number.isdigit() else [],
                "timestamp": "2025-01-01 00:00:00Z",
                "trace_id": guid("trace", self.message),
                "correlation_id": guid("correlation", self.message),
            }
        error: Json = {"code": self.code, "message": self.message}
        if service == "graph":
            error["innerError"] = {"request-id": guid("request", self.code)}
        return {"error": error}


def render(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """Make a reply of JSON."""
    text = json.dumps(body).encode()
    return Reply(status, {"Content-Type": "application/json"} | (headers or {}), text)


def refuse(service: Service, refusal: Refusal) -> Reply:
    """Make the reply that a refusal stands for."""
    return render(refusal.body(service), refusal.status, refusal.headers)

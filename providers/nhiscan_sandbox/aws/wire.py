"""Puts replies and refusals on the wire in each service's own protocol."""

import json
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from nhiscan_sandbox.http import Reply


class Refusal(Exception):  # noqa: N818 what a cloud says is not our error
    """An answer that is an error of the cloud's; `render_refusal` writes it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@cache
def model(service: str) -> Any:
    """Load botocore's description of a service, as the class that moto's serializers expect."""
    from moto.core.utils import get_service_model

    return get_service_model(service)


def protocol(service: str) -> str:
    """Return the protocol boto3 speaks with a service: query, ec2, json, rest-json, rest-xml."""
    return str(model(service).resolved_protocol)


def render(service: str, operation: str, result: Any) -> Reply:
    """Write `result`, a dict or moto object, as that operation's successful reply."""
    from moto.core.serialize import get_serializer_class

    serializer = get_serializer_class(service, protocol(service))
    written = serializer(
        operation_model=model(service).operation_model(operation), context=None
    ).serialize(result)
    body = written["body"]
    return Reply(
        written["status_code"],
        {name: str(value) for name, value in written["headers"].items()},
        body.encode() if isinstance(body, str) else body,
    )


def render_refusal(service: str, refusal: Refusal) -> Reply:
    """Write an error in the shape that botocore's parser of this protocol reads."""
    spoken = protocol(service)
    code, message = refusal.code, refusal.message
    if spoken in ("query", "ec2"):
        error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        if spoken == "ec2":
            text = f"<Response><Errors><Error>{error}</Error></Errors></Response>"
        else:
            text = f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"
        return Reply(refusal.status, {"Content-Type": "text/xml"}, text.encode())
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}
    body = json.dumps({"__type": code, "message": message})
    return Reply(refusal.status, headers, body.encode())

"""Recognisable secrets, planted where a real reply could carry one, to be looked for afterwards."""

import base64
import json
from typing import Any, ClassVar

from nhiscan_sandbox.http import Reply

# Every secret that the sandbox can give out begins with this, planted or not.
MARK = "CANARY"

_FIELDS = (
    "SecretString",
    "SecretBinary",
    "ServicePassword",
    "SecretAccessKey",
    "SessionToken",
    "Value",
    "Password",
    "ClientSecret",
    "Environment",
)
# Written into the sample estate itself, in places that replies always show.
_IN_SAMPLE = (f"{MARK}-external-id-5d21", f"{MARK}-description-88f0")
# What stands in messages of Google's, as text and as the base64 of bytes.
GOOGLE = (
    f"{MARK}-google-",
    base64.b64encode(f"{MARK}-google-privateKeyData".encode()).decode(),
)
_RESPONSES = {
    "CreateAccessKey": {"accessKey": {"secretAccessKey": f"{MARK}-event-secretAccessKey"}},
    "CreateServiceSpecificCredential": {
        "serviceSpecificCredential": {"servicePassword": f"{MARK}-event-servicePassword"}
    },
    "CreateLoginProfile": {"loginProfile": {"password": f"{MARK}-event-password"}},
}


class Canaries:
    """Plants secrets in replies, when switched on; `values` lists all that may have been sent."""

    # What stands for the bytes of every certificate; as base64 it has one spelling, for its length.
    KEY_BYTES: ClassVar[str] = f"{MARK}-key-bytes-0"

    def __init__(self, *, on: bool) -> None:
        self.on = on

    @property
    def values(self) -> tuple[str, ...]:
        """Return every canary; none may be found in anything that a scan leaves behind."""
        planted = [f"{MARK}-field-{field}" for field in _FIELDS]
        events = [json.dumps(reply).split('"')[-2] for reply in _RESPONSES.values()]
        return (
            *planted,
            *events,
            *_IN_SAMPLE,
            f"{MARK}-secret-",
            f"{MARK}-token-",
            f"{MARK}-hint",
            *GOOGLE,
            self.KEY_BYTES,
            base64.b64encode(self.KEY_BYTES.encode()).decode(),
        )

    @property
    def hint(self) -> str | None:
        """Return what stands as the first characters of a client secret."""
        return f"{MARK}-hint" if self.on else None

    @property
    def secret_text(self) -> str | None:
        """Return what stands as the text of a client secret, which real lists leave out."""
        return f"{MARK}-secret-text" if self.on else None

    def response_elements(self, event: str) -> dict[str, Any] | None:
        """Return what a CloudTrail event says was answered; real ones hide these values."""
        return _RESPONSES.get(event) if self.on else None

    def plant_rows(self, body: dict[str, Any]) -> None:
        """Add secret-bearing fields to every row of a list of Microsoft Graph."""
        if self.on:
            for row in body.get("value", ()):
                row["secretText"] = f"{MARK}-secret-text"
                row["accessToken"] = f"{MARK}-token-row"

    def plant(self, reply: Reply) -> Reply:
        """Add a secret-bearing field to every record of a reply, unknown fields included."""
        if not self.on or reply.status != 200:
            return reply
        # By the body itself: moto does not label all of its JSON as such.
        if reply.body.startswith(b"{"):
            return _with_body(reply, json.dumps(_salted(json.loads(reply.body))).encode())
        if reply.body.startswith(b"<"):
            extra = "".join(f"<{f}>{MARK}-field-{f}</{f}>" for f in _FIELDS if f != "Value")
            body = reply.body.replace(b"<CreateDate>", extra.encode() + b"<CreateDate>")
            return _with_body(reply, body)
        return reply


def _with_body(reply: Reply, body: bytes) -> Reply:
    return Reply(reply.status, reply.headers, body)


def _salted(value: Any) -> Any:
    if isinstance(value, list):
        return [_salted(item) for item in value]
    if not isinstance(value, dict):
        return value
    planted = {field: f"{MARK}-field-{field}" for field in _FIELDS if field not in value}
    # A tag's or attribute's own Value is data, not a place for a secret.
    if "Key" in value:
        return value
    return planted | {name: _salted(item) for name, item in value.items()}

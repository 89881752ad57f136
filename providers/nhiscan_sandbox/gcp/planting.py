"""Secrets in replies where Google's messages have a field for one, to be looked for afterwards."""

from typing import Any

from nhiscan_sandbox.canaries import GOOGLE, MARK

# Field, and the fields of a row that could carry it: a key, an API key, an HMAC key, a client.
_FIELDS = {
    "privateKeyData": "keyOrigin",
    "keyString": "uid",
    "secret": "accessId",
    "clientSecret": "issuerUri",
}
_BYTES = GOOGLE[-1]


def planted(value: Any) -> Any:
    """Return a copy of a reply with a secret beside every row that has a place for one."""
    if isinstance(value, list):
        return [planted(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: planted(item) for name, item in value.items()}
    for field, beside in _FIELDS.items():
        if beside in value:
            made[field] = _BYTES if field == "privateKeyData" else f"{MARK}-google-{field}"
    return made

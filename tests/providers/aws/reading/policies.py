"""Writes identity policies and reads them, for the tests of that reading."""

from collections.abc import Sequence
from typing import Any

from nhiscan_providers.aws.reading.capabilities import Capabilities, CapabilityReader, Policy
from nhiscan_providers.aws.reading.documents import Document, parse

FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def allow(action: object, resource: object = "*", **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object, resource: object = "*", **more: object) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def doc(*statements: object) -> Document:
    return parse({"Statement": list(statements)})


def policy(*statements: object, name: str = "p", via: str = "inline") -> Policy:
    return Policy(name, via, doc(*statements))


def read(
    *statements: object,
    boundary: Document | None = None,
    scps: Sequence[Sequence[Document]] | None = (),
    service_linked: bool = False,
) -> Capabilities:
    reader = CapabilityReader(scps)
    return reader.read([policy(*statements)], boundary, service_linked=service_linked)


def but(*actions: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "NotAction": list(actions), "Resource": "*"}


CONDITION = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

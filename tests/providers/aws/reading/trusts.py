"""Writes trust policies and reads them, for the tests of that reading."""

from typing import Any

from nhiscan_providers.aws.reading.trust import TrustReading, read_trust

OWN = "111122223333"
OTHER = "444455556666"
GUARD = "7c1b9d52e4f04a6e"
ORG = "o-abcde12345"


def statement(principal: object, condition: object = None, **more: object) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
        **more,
    }
    if condition is not None:
        made["Condition"] = condition
    return {name: value for name, value in made.items() if value is not None}


def read(*statements: object, **options: Any) -> list[TrustReading]:
    return read_trust({"Statement": list(statements)}, account=OWN, **options)


def only(*statements: object, **options: Any) -> TrustReading:
    (reading,) = read(*statements, **options)
    return reading


def root(account: str, partition: str = "aws") -> str:
    return f"arn:{partition}:iam::{account}:root"

"""Reads whom an identity could become, for the tests of that reading."""

from collections.abc import Sequence

from nhiscan_providers.aws.reading.becoming import Federated, Opening, OpeningReader
from nhiscan_providers.aws.reading.documents import Document
from nhiscan_providers.aws.reading.pieces import Home
from tests.providers.aws.reading.policies import policy

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
USERS, ROLES = f"{IAM}:user/*", f"{IAM}:role/*"
LAMBDA, EC2 = "lambda.amazonaws.com", "ec2.amazonaws.com"


def openings(
    *statements: object,
    boundary: Document | None = None,
    scps: Sequence[Sequence[Document]] | None = (),
    federated: Sequence[Federated] = (),
    trusted: Sequence[str] = (),
    service_linked: bool = False,
) -> tuple[Opening, ...]:
    reader = OpeningReader(scps, Home("aws", ACCOUNT), federated, trusted)
    return reader.read([policy(*statements)], boundary, service_linked=service_linked)


def told(found: Sequence[Opening]) -> set[tuple[str, str, str]]:
    return {(one.way, one.acts_as, one.verdict) for one in found}

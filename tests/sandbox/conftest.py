"""A way into the sandbox's accounts, as a scanner takes it."""

from typing import Any

import boto3
import pytest
from botocore.config import Config

from nhiscan_sandbox.sandbox import Sandbox

_RESALE = "northwind-resale-4d77"
_EXTERNAL_IDS = {
    "900000000010": _RESALE,
    "910000000001": "acme-dental-7f3a",
    "910000000002": "acme-dental-7f3a",
    "911000000001": "acme-labs-91bc",
    "920000000001": "granite-11c2",
    "920000000002": "granite-11c2",
    "920000000003": "granite-11c2",
    "940000000001": "juniper-66d0",
    "950000000001": _RESALE,
    "950000000002": _RESALE,
    "950000000009": _RESALE,
}


class Cloud:
    """Clients that do not retry, so that each test sees the first answer."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def client(
        self, service: str, session: dict[str, str] | None = None, region: str = "us-east-1"
    ) -> Any:
        """Make a client of a session; the scanner's own if none is given."""
        session = session or self._sandbox.environment
        return boto3.client(
            service,
            endpoint_url=self._sandbox.url,
            region_name=region,
            aws_access_key_id=session["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=session["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=session.get("AWS_SESSION_TOKEN"),
            config=Config(retries={"total_max_attempts": 1}, read_timeout=2, connect_timeout=2),
        )

    def enter(self, account: str, role: str = "nhiscan") -> dict[str, str]:
        """Assume a role from the scanner's session, with the external id of its tenant."""
        extra = {"ExternalId": _EXTERNAL_IDS[account]} if account in _EXTERNAL_IDS else {}
        given = self.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="nhiscan", **extra
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }

    def inside(self, account: str, service: str, region: str = "us-east-1") -> Any:
        """Make a client of the scanner's role in an account."""
        return self.client(service, self.enter(account), region)


@pytest.fixture
def cloud(sandbox: Sandbox) -> Cloud:
    """Ways into the running sandbox."""
    return Cloud(sandbox)

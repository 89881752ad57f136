"""The Google part of the sample estate, and ways to call it."""

from typing import Any

import requests

from nhiscan_sandbox.estate.load import SAMPLE, load
from nhiscan_sandbox.estate.model import Estate
from nhiscan_sandbox.sandbox import Sandbox

ACME = "organizations/911000000101"
GRANITE = "organizations/920000000101"
ENTRY = "projects/-/serviceAccounts/nhiscan@acme-security.iam.gserviceaccount.com"


def google_only() -> Estate:
    """Load the sample's Google organizations without any AWS account."""
    return load(sorted(SAMPLE.glob("*-gcp.yaml")))


class Caller:
    """REST calls as the scanner's own account, or as what it becomes at Acme Labs."""

    def __init__(self, sandbox: Sandbox, headers: dict[str, str] | None = None) -> None:
        self.sandbox = sandbox
        self.headers = headers or {}
        self._url = (sandbox.gcp_endpoint or {})["rest"]

    def send(self, verb: str, path: str, **more: Any) -> requests.Response:
        """Send one request."""
        headers = self.headers | more.pop("headers", {})
        return requests.request(verb, f"{self._url}/{path}", headers=headers, timeout=5, **more)

    def get(self, path: str, **params: Any) -> Any:
        """Get and decode; fails on an error."""
        reply = self.send("GET", path, params=params)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def refused(self, path: str, verb: str = "GET", **more: Any) -> tuple[int, str, str]:
        """Return status, code and ErrorInfo reason of a call that is refused."""
        reply = self.send(verb, path, **more)
        error = reply.json()["error"]
        reasons = [one["reason"] for one in error.get("details", ()) if "reason" in one]
        return reply.status_code, error.get("status", ""), reasons[0] if reasons else ""

    def at_acme(self, quota: str = "acme-security") -> "Caller":
        """Become the account that Acme Labs made for the scanner."""
        reply = self.send("POST", f"v1/{ENTRY}:generateAccessToken", json={"scope": ["all"]})
        token = reply.json()["accessToken"]
        headers = {"Authorization": f"Bearer {token}", "X-Goog-User-Project": quota}
        return Caller(self.sandbox, headers)

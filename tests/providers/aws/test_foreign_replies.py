"""Replies that are not what AWS documents: told as unread, never taken for an empty list."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from nhiscan.provider import Context
from nhiscan.records import Coverage
from nhiscan_providers.aws import Aws
from nhiscan_providers.aws.options import Options
from tests.providers.aws.conftest import HASTY, NOW

IDENTITY = (
    "<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'>"
    "<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/scanner</Arn>"
    "<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
NAMELESS = (
    "<GetAccountAuthorizationDetailsResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'>"
    "<GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated><UserDetailList>"
    "<member><UserId>AIDA1</UserId></member></UserDetailList>"
    "</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
)
PORTAL = "<html><body>Please sign in to the hotel network</body></html>"


class _Portal(BaseHTTPRequestHandler):
    """Knows two calls; answers all others with 200 and a page for people."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        action = parse_qs(body).get("Action", [""])[0]
        known = {"GetCallerIdentity": IDENTITY, "GetAccountAuthorizationDetails": NAMELESS}
        self._answer(known.get(action, PORTAL))

    def do_GET(self) -> None:
        self._answer(PORTAL)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def portal() -> Iterator[str]:
    """Serve the portal on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Portal)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_no_foreign_reply_is_an_empty_list(portal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE00")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    adapter, options = Aws(HASTY), Options(endpoint=portal, regions=("us-east-1",))
    context = Context(now=NOW, tenant_id="acme", progress=lambda text: None)
    (unit,) = adapter.plan(options, context).units
    rows = list(adapter.collect(options, unit, context))
    states = {row.source: row.state for row in rows if isinstance(row, Coverage)}
    # neither needs a call: the regions are given, and no user is known to be asked
    assert {name for name, state in states.items() if state == "complete"} == {
        "sts.identity",
        "ec2.regions",
    }
    assert "hotel" not in str(rows)
    reasons = {row.source: row.reason for row in rows if isinstance(row, Coverage)}
    assert "lacks its member" in (reasons["iam.authorization_details"] or "")

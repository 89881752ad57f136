"""Errors in odd forms: each is one of the known states, and none crashes a unit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from nhiscan.ledger import Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.calls import operation
from nhiscan_providers.gcp.faults import Fault, fault, refused
from nhiscan_providers.gcp.options import Endpoint, Options
from nhiscan_providers.gcp.wire import Wire
from tests.providers.gcp.conftest import QUICK

_KEYS = operation("iam", "ListServiceAccountKeys")


@pytest.mark.parametrize(
    ("http", "reason", "state"),
    [
        (403, "dailyLimitExceeded", "daily"),
        (403, "userRateLimitExceeded", "throttled"),
        (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "credentials"),
        (403, "accessNotConfigured", "off"),
        (403, "forbidden", "denied"),
    ],
)
def test_what_a_403_means_stands_in_its_reason(http: int, reason: str, state: str) -> None:
    body = {"error": {"code": http, "errors": [{"reason": reason}]}}
    assert fault(refused(body, http, None), _KEYS).kind == state


@pytest.mark.parametrize("odd", [5, True, "x", {"a": 1}, [5], None])
def test_an_error_of_another_form_is_told_by_its_status(odd: Any) -> None:
    for body in (odd, {"error": odd}, {"error": {"details": odd, "errors": odd, "status": odd}}):
        assert fault(refused(body, 403, None), _KEYS).state == "denied"


def _refuse(request: bytes, context: Any) -> Any:
    """Refuse with details that are none."""
    context.set_trailing_metadata((("grpc-status-details-bin", b"\xff\xff\xff"),))
    context.abort(grpc.StatusCode.PERMISSION_DENIED, "CANARY")


@pytest.fixture
def odd() -> Iterator[Access]:
    server = grpc.server(ThreadPoolExecutor(1))
    method = grpc.unary_unary_rpc_method_handler(_refuse)
    methods = {"ListServiceAccounts": method}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("google.iam.admin.v1.IAM", methods),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    endpoint = Endpoint(grpc=f"127.0.0.1:{port}", rest="http://127.0.0.1:1")
    yield Access(Wire(QUICK), Options(
        organization="1", credentials="anonymous", endpoint=endpoint
    ))  # fmt: skip
    server.stop(None).wait()


def test_details_of_a_grpc_error_that_are_none_are_a_fault(odd: Access) -> None:
    with pytest.raises(Fault) as caught:
        odd.accounts(Reading("iam.service_accounts"), "acme-prod", "")
    assert caught.value.state == "unreachable"
    assert "CANARY" not in caught.value.reason

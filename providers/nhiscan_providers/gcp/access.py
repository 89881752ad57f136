"""Calls Google for one entry: paced, counted, tried again, and only what is listed."""

from collections.abc import Callable, Mapping
from random import uniform
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

import msgspec

from nhiscan.ledger import Meter
from nhiscan_providers.gcp.calls import Operation, operation
from nhiscan_providers.gcp.faults import AGAIN, Fault, Refused, fault, refused
from nhiscan_providers.gcp.options import Options
from nhiscan_providers.gcp.tokens import Tokens
from nhiscan_providers.gcp.wire import Reply, SlowReplyError, Wire

_Send = Callable[[], dict[str, Any]]


class Access:
    """One entry as its credentials see it; may be used by several threads."""

    def __init__(self, wire: Wire, options: Options) -> None:
        self.options = options
        self._wire = wire
        self._tokens = Tokens(wire, options)

    def enter(self, meter: Meter) -> None:
        """Get a token; raises Fault if there is none to be had."""
        self._headers(meter)

    def call(
        self,
        meter: Meter,
        api: str,
        name: str,
        places: Mapping[str, str],
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Make one listed call of the REST surface and return its reply; raises Fault alone.

        `places` are the resource names in the operation's path.
        """
        listed = operation(api, name)
        url = self._url(listed, places)

        def send() -> dict[str, Any]:
            headers = self._headers(meter)
            return self._exchange(meter, listed, url, params, body, headers)

        return self._renewing(listed, send)

    def accounts(self, meter: Meter, project: str, token: str) -> tuple[list[Any], str]:
        """List one page of service accounts by gRPC: the SDK's objects, and the next token."""
        from google.cloud.iam_admin_v1 import ListServiceAccountsRequest

        listed = operation("iam", "ListServiceAccounts")
        request = ListServiceAccountsRequest(
            name=f"projects/{project}", page_size=100, page_token=token
        )

        def send() -> dict[str, Any]:
            pager = self._grpc(meter, listed, "list_service_accounts", request, request.name)
            page = next(iter(pager.pages))
            return {"accounts": list(page.accounts), "token": page.next_page_token}

        reply = self._renewing(listed, send)
        return reply["accounts"], reply["token"]

    def account_policy(self, meter: Meter, name: str) -> list[dict[str, Any]]:
        """Read the bindings of one service account's policy by gRPC, in the form of REST."""
        from google.iam.v1.iam_policy_pb2 import GetIamPolicyRequest
        from google.iam.v1.options_pb2 import GetPolicyOptions

        listed = operation("iam", "GetIamPolicy")
        request = GetIamPolicyRequest(
            resource=name, options=GetPolicyOptions(requested_policy_version=3)
        )

        def send() -> dict[str, Any]:
            policy = self._grpc(meter, listed, "get_iam_policy", request, name)
            return {"bindings": [_binding(one) for one in policy.bindings]}

        bindings: list[dict[str, Any]] = self._renewing(listed, send)["bindings"]
        return bindings

    def _headers(self, meter: Meter) -> dict[str, str]:
        def generate(
            account: str, source: Mapping[str, str], wanted: Mapping[str, Any]
        ) -> dict[str, Any]:
            listed = operation("iamcredentials", "GenerateAccessToken")
            url = self._url(listed, {"account": account})
            return self._patiently(
                listed, lambda: self._exchange(meter, listed, url, None, wanted, source)
            )

        headers = self._tokens.headers(generate)
        if self.options.quota_project:
            headers["X-Goog-User-Project"] = self.options.quota_project
        return headers

    def _url(self, listed: Operation, places: Mapping[str, str]) -> str:
        endpoint = self.options.endpoint
        base = endpoint.rest.rstrip("/") if endpoint else f"https://{listed.host}"
        # A name's own slashes are part of the path; what else could end it is not.
        path = listed.path.format_map({k: quote(v, safe="/@:") for k, v in places.items()})
        return f"{base}/{path}"

    def _renewing(self, listed: Operation, send: _Send) -> dict[str, Any]:
        """Make the call; once more with new tokens if these were refused."""
        try:
            return self._patiently(listed, send)
        except Fault as failed:
            if failed.kind != "credentials" or self.options.credentials == "anonymous":
                raise
        self._tokens.forget()
        return self._patiently(listed, send)

    def _patiently(self, listed: Operation, send: _Send) -> dict[str, Any]:
        patience = self._wire.patience
        until = monotonic() + patience.deadline
        payer = self.options.quota_project or self.options.impersonate or ""
        attempt = 0
        while True:
            self._wire.pace(payer, listed.api, listed.name, listed.minute).wait()
            try:
                return send()
            except Fault as failed:
                attempt += 1
                longest = min(patience.pause * 2**attempt, patience.longest_pause)
                pause = max(failed.delay, uniform(longest / 2, longest))  # noqa: S311 - spreads load, hides nothing
                tired = attempt >= patience.attempts or monotonic() + pause > until
                if failed.kind not in AGAIN or tired:
                    raise
            sleep(pause)

    def _exchange(
        self,
        meter: Meter,
        listed: Operation,
        url: str,
        params: Mapping[str, Any] | None,
        body: Any,
        headers: Mapping[str, str],
    ) -> dict[str, Any]:
        import requests

        meter.calls += 1
        try:
            reply = self._wire.send(self.options, listed.verb, url, params, body, headers)
        except SlowReplyError:
            raise Fault("cut", f"{listed.asked}: the reply did not end in time") from None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise Fault("cut", f"{listed.asked}: every reply was cut short") from None
        except requests.RequestException as error:
            raise Fault("unreachable", f"{listed.asked}: {_unanswered(error)}") from None
        return _read(reply, listed)

    def _grpc(self, meter: Meter, listed: Operation, method: str, request: Any, name: str) -> Any:
        from google.api_core.exceptions import GoogleAPICallError
        from google.protobuf.message import DecodeError

        headers = {key.lower(): value for key, value in self._headers(meter).items()}
        meter.calls += 1
        try:
            return getattr(self._wire.iam(self.options), method)(
                request=request,
                retry=None,
                timeout=self._wire.patience.read,
                metadata=tuple(headers.items()),
            )
        except GoogleAPICallError as error:
            raise fault(_spoken(error), listed) from None
        except (DecodeError, ValueError) as error:
            # details that are no details, or belie the status: the SDK lets that out
            what = type(error).__name__
            raise Fault("cut", f"{listed.asked}: the error is unreadable ({what})") from None


def _read(reply: Reply, listed: Operation) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(reply.body)  # nothing at all is no reply: Google writes {}
    except (ValueError, RecursionError):
        if reply.status < 400:
            raise Fault("cut", f"{listed.asked}: every reply was cut short or unreadable") from None
        body = {}
    if reply.status >= 300:
        raise fault(refused(body, reply.status, reply.retry_after), listed)
    if not isinstance(body, dict):
        raise Fault("cut", f"{listed.asked}: the reply is no object")
    return body


def _spoken(error: Any) -> Refused:
    """Read an error of a generated client, with the typed details that came with it."""
    status = error.grpc_status_code.name if error.grpc_status_code else "UNKNOWN"
    delay, perimeter = 0.0, False
    for detail in error.details or ():
        kind = type(detail).__name__
        if kind == "RetryInfo":
            delay = detail.retry_delay.seconds + detail.retry_delay.nanos / 1e9
        if kind == "PreconditionFailure":
            perimeter |= any(one.type == "VPC_SERVICE_CONTROLS" for one in detail.violations)
    return Refused(
        status=status,
        reason=error.reason or "",
        metadata=dict(error.metadata or {}),
        perimeter=perimeter,
        delay=delay,
    )


def _binding(one: Any) -> dict[str, Any]:
    bound: dict[str, Any] = {"role": one.role, "members": list(one.members)}
    if one.condition.expression:
        bound["condition"] = {
            "title": one.condition.title,
            "expression": one.condition.expression,
        }
    return bound


def _unanswered(error: Exception) -> str:
    return {
        "SSLError": "the server's certificate is not trusted",
        "ConnectTimeout": "no connection within the time allowed",
        "ReadTimeout": "no answer within the time allowed",
        "ProxyError": "no connection to the proxy",
        "ConnectionError": "no connection to the endpoint, or it was lost",
    }.get(type(error).__name__, f"no answer ({type(error).__name__})")

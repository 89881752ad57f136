"""Pipeline policies: patience that has an end, and tokens that go to one host only."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import uniform
from time import sleep, time
from typing import Any

import msgspec

# This module is itself imported only where a pipeline is built.
from azure.core.exceptions import AzureError, ClientAuthenticationError  # noqa: TID253
from azure.core.pipeline import PipelineRequest, PipelineResponse  # noqa: TID253
from azure.core.pipeline.policies import HTTPPolicy  # noqa: TID253

from nhiscan_providers.azure.faults import CutReplyError, ForeignHostError, error_code, is_licence
from nhiscan_providers.azure.links import place
from nhiscan_providers.azure.patience import Patience
from nhiscan_providers.azure.shapes.parsing import UnreadableError, read

_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
# Licence errors were seen to come and go on licensed directories (microsoft-graph-docs #14118).
_LICENCE_TRIES = 3
_RENEW_EARLY = 300


class Patient(HTTPPolicy[Any, Any]):
    """Tries again what may pass: throttling, server errors, broken connections, cut replies.

    Every request of this adapter reads, so a POST (`$batch`, Resource Graph) is tried again like a
    GET; the stock policy does so only with a Retry-After, which Resource Graph does not send. The
    request's option `meter` counts every try.
    """

    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._patience = patience

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send the request until an answer stands, or patience ends."""
        meter = request.context.options.pop("meter", None)
        request.context.options.pop(
            "retry_on_methods", None
        )  # azure-identity's, for another policy
        options = dict(request.context.options)
        left = self._patience.budget
        licence = 0
        for attempt in range(1, self._patience.attempts + 1):
            request.context.options.clear()
            request.context.options.update(options)
            last = attempt == self._patience.attempts
            if meter is not None:
                meter.calls += 1
            try:
                response = self.next.send(request)
                _whole(response)
            except (ClientAuthenticationError, ForeignHostError):
                raise
            except (AzureError, CutReplyError):
                if last or left <= 0:
                    raise
                left -= self._wait(attempt, None, left)
                continue
            licence += _unlicensed(response)
            again = response.http_response.status_code in _AGAIN or 0 < licence < _LICENCE_TRIES
            wished = _wished(response) if again else None
            if not again or last or left <= 0:
                return response
            left -= self._wait(attempt, wished, left)
        raise AssertionError("patience has at least one attempt")

    def _wait(self, attempt: int, wished: float | None, left: float) -> float:
        """Sleep as the service wishes, else ever longer with some chance; return for how long."""
        patience = self._patience
        longest = min(patience.pause * 2 ** (attempt - 1), patience.longest_wait)
        seconds = (
            uniform(longest / 2, longest)  # noqa: S311 - spreads load, hides nothing
            if wished is None
            else min(wished, patience.longest_wait)
        )
        seconds = min(seconds, left)
        sleep(seconds)
        return max(seconds, 0.001)


class Bearer(HTTPPolicy[Any, Any]):
    """Adds a token, but only for the host it is meant for; anything else is refused unsent.

    The stock pager of Resource Manager follows a nextLink to any host, token and all. Redirects are
    not followed. A token that is refused is fetched anew once.
    """

    def __init__(self, fetch: Callable[[], Any], base_url: str) -> None:
        super().__init__()
        self._fetch = fetch
        self._place = place(base_url)
        self._token = ""
        self._until = 0.0

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send the request with a token."""
        if place(request.http_request.url) != self._place:
            raise ForeignHostError("a link leads to another host; it was not followed")
        self._renew(force=False)
        self._authorize(request)
        response = self.next.send(request)
        if response.http_response.status_code == 401:
            self._renew(force=True)
            self._authorize(request)
            response = self.next.send(request)
        return response

    def _authorize(self, request: PipelineRequest[Any]) -> None:
        request.http_request.headers["Authorization"] = f"Bearer {self._token}"

    def _renew(self, *, force: bool) -> None:
        if self._token and not force and time() < self._until - _RENEW_EARLY:
            return
        given = self._fetch()
        self._token, self._until = given.token, float(given.expires_on)


def _whole(response: PipelineResponse[Any, Any]) -> None:
    """Refuse a successful reply that says it is JSON and does not parse."""
    http = response.http_response
    if http.status_code != 200 or "json" not in str(http.headers.get("Content-Type", "")):
        return
    body = http.body() if callable(http.body) else http.body
    try:
        read(body, msgspec.Raw)
    except UnreadableError:
        raise CutReplyError("the reply is no whole JSON") from None


def _unlicensed(response: PipelineResponse[Any, Any]) -> bool:
    http = response.http_response
    if http.status_code not in (400, 403):
        return False
    body = http.body() if callable(http.body) else http.body
    return is_licence(error_code(body))


def _wished(response: PipelineResponse[Any, Any]) -> float | None:
    """Return the seconds that the service asks to wait; null if it does not say.

    `Retry-After` in seconds or as a date; Resource Graph says `x-ms-user-quota-resets-after:
    hh:mm:ss` instead (Azure, "Guidance for throttled requests in Azure Resource Graph").
    """
    headers = response.http_response.headers
    for name, scale in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001)):
        if (text := headers.get(name)) and text.isdecimal():
            return float(text) * scale
    if text := headers.get("Retry-After"):
        return _seconds(text)
    if text := headers.get("x-ms-user-quota-resets-after"):
        parts = text.split(":")
        if len(parts) == 3 and all(part.replace(".", "", 1).isdecimal() for part in parts):
            hours, minutes, seconds = (float(part) for part in parts)
            return hours * 3600 + minutes * 60 + seconds
    return None


def _seconds(text: str) -> float | None:
    if text.replace(".", "", 1).isdecimal():
        return float(text)
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0) if moment.tzinfo else None

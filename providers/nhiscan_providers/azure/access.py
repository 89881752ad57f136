"""Calls Graph and Resource Manager for one directory: counted, patient, and only what is listed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Raw, Struct

from nhiscan.errors import ProviderError
from nhiscan.ledger import Fault, Meter, Reading
from nhiscan_providers.azure.calls import Operation, operation
from nhiscan_providers.azure.faults import (
    EXPIRED_PAGE,
    CutReplyError,
    ForeignHostError,
    answered,
    unanswered,
)
from nhiscan_providers.azure.links import Trail
from nhiscan_providers.azure.options import Options
from nhiscan_providers.azure.shapes.parsing import UnreadableError, read
from nhiscan_providers.azure.wire import Lent, Wire

if TYPE_CHECKING:
    from azure.mgmt.authorization import AuthorizationManagementClient

T = TypeVar("T")

# Microsoft Graph, "Combine multiple requests in one HTTP call using JSON batching"
BATCH = 20
# What an inner request of a batch may be answered and not the next time.
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
# What `$batch` may not know by itself, or whose token ran out between the outer and the inner one.
_ALONE = frozenset({401, 404, 405, 501})
_QUERY_VERSION = "2024-04-01"
_QUERY_PAGE = 1000


class Page(Struct):
    """One page of a list, its objects still unread; Graph and Resource Manager differ in names."""

    value: list[Raw]
    odata_next: str | None = msgspec.field(name="@odata.nextLink", default=None)
    next_link: str | None = msgspec.field(name="nextLink", default=None)

    @property
    def next(self) -> str | None:
        """The link to the next page, as sent."""
        return self.odata_next or self.next_link or None


class Ask(Struct, frozen=True):
    """One request of a `$batch`: a path below the version, and whom it is about."""

    about: str
    path: str
    headers: dict[str, str] = {}


class Answer(Struct, frozen=True):
    """What a request of a `$batch` was answered, once its throttling was over."""

    about: str
    status: int
    body: bytes


class _Inner(Struct):
    id: str
    status: int
    headers: dict[str, Any] | None = None
    body: Raw = Raw(b"null")


class _Batch(Struct):
    responses: list[_Inner]


class _Rows(Struct):
    data: list[Raw]
    skip_token: str | None = msgspec.field(name="$skipToken", default=None)
    truncated: Any = msgspec.field(name="resultTruncated", default=None)  # "true", as a text


class Access:
    """One directory as one credential sees it. Used by one thread; `close` ends its connections."""

    def __init__(self, wire: Wire, options: Options, directory: str) -> None:
        self.options = options
        self.directory = directory
        self.cloud = options.cloud
        self.patience = wire.patience
        self._credential = wire.credential(options)
        self._transport = wire.transport(options)
        self._clients = {
            "graph": self._client(self.cloud.graph, self.cloud.graph_scope),
            "arm": self._client(self.cloud.arm, self.cloud.arm_scope),
        }

    def __enter__(self) -> "Access":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def sign_in(self, meter: Meter) -> None:
        """Fetch a token for Graph; raises Fault if the directory does not give one."""
        listed = operation("token")
        meter.calls += 1
        try:
            self._token(self.cloud.graph_scope)
        except ProviderError as error:
            raise Fault("denied", error.message) from None
        except Exception as error:  # noqa: BLE001 - classified, never swallowed
            raise unanswered(error, listed) from None

    def get(self, reading: Meter, listed: Operation, path: str, **headers: str) -> bytes:
        """Make one GET and return its body; `path` may be a link that a reply gave."""
        return self._send(reading, listed, "GET", path, headers, None)

    def post(self, reading: Meter, listed: Operation, path: str, body: object) -> bytes:
        """Make one POST that reads (`$batch`, Resource Graph) and return its body."""
        sent = msgspec.json.encode(body)
        return self._send(reading, listed, "POST", path, {"Content-Type": "application/json"}, sent)

    def pages(
        self, reading: Reading, listed: Operation, path: str, **headers: str
    ) -> Iterator[list[Raw]]:
        """Yield the pages of a list; an empty list means: forget all, the list begins anew.

        `reading.pages` counts them, so that a fault later on says after which page it came.
        """
        restarts = 0
        link: str | None = path
        seen = Trail(listed)
        while link:
            try:
                page = read(self.get(reading, listed, link, **headers), Page)
            except Fault as fault:
                if fault.code not in EXPIRED_PAGE or restarts >= self.patience.page_restarts:
                    raise
                restarts += 1
                reading.pages = 0
                link = path
                seen = Trail(listed)
                yield []
                continue
            except UnreadableError:
                raise Fault("unreachable", f"{listed.title}: a reply is no list") from None
            reading.pages += 1
            if page.value:
                yield page.value
            link = seen.once(page.next)

    def each(self, reading: Reading, listed: Operation, asks: Sequence[Ask]) -> Iterator[Answer]:
        """Ask many things, twenty at a time; throttled ones again, answers in any order.

        What `$batch` does not know by itself is asked once more, alone.
        """
        version = listed.path[1:].partition("/")[0]
        todo = {str(number): ask for number, ask in enumerate(asks)}
        throttled = 0.0
        for attempt in range(self.patience.attempts):
            if attempt:
                self._pause(attempt - 1, throttled)
            throttled = 0.0
            for chunk in _chunks(list(todo.items()), BATCH):
                last = attempt == self.patience.attempts - 1
                for number, answer, wait in self._batch(
                    reading, listed, version, dict(chunk), todo
                ):
                    throttled = max(throttled, wait)
                    if answer.status not in _PASSING or last:
                        del todo[number]
                        yield answer
            if not todo:
                return
        raise Fault("unreachable", f"{listed.title}: {len(todo)} answers of a batch are missing")

    def query(self, reading: Reading, listed: Operation, kql: str, scope: object) -> Iterator[Raw]:
        """Ask Resource Graph and yield its rows, page by page.

        `scope` is the part of the body that says where: subscriptions, or management groups.
        Assignments above the scope are included (the default leaves them out).
        """
        token: str | None = None
        seen = Trail(listed)
        while True:
            options = {
                "$top": _QUERY_PAGE,
                "resultFormat": "objectArray",
                "authorizationScopeFilter": "AtScopeAboveAndBelow",
                "allowPartialScopes": True,
            } | ({"$skipToken": token} if token else {})
            body = {"query": kql, "options": options} | dict(scope)  # type: ignore[call-overload]
            path = f"/providers/Microsoft.ResourceGraph/resources?api-version={_QUERY_VERSION}"
            try:
                rows = read(self.post(reading, listed, path, body), _Rows)
            except UnreadableError:
                raise Fault("unreachable", f"{listed.title}: a reply is no table") from None
            reading.pages += 1
            yield from rows.data
            token = seen.once(rows.skip_token)
            if not token:
                if str(rows.truncated).lower() == "true":
                    raise Fault("partial", f"{listed.title}: cut, with no next page")
                return

    def authorization(self, subscription: str) -> "AuthorizationManagementClient":
        """Return azure-mgmt-authorization's client, with this adapter's own policies.

        The stock ones would register resource providers, which is a write, and follow a nextLink
        to any host.
        """
        from azure.core.pipeline.policies import ContentDecodePolicy
        from azure.mgmt.authorization import AuthorizationManagementClient

        return AuthorizationManagementClient(
            self._credential,
            subscription,
            base_url=self.cloud.arm,
            credential_scopes=[self.cloud.arm_scope],
            policies=[ContentDecodePolicy(), *self._policies(self.cloud.arm, self.cloud.arm_scope)],
            transport=Lent(self._transport),
        )

    def sdk(
        self,
        reading: Meter,
        listed: Operation,
        call: Callable[..., Iterable[T]],
        *of: Any,
        **how: Any,
    ) -> list[T]:
        """Run a list of the SDK to its end; raises Fault and nothing else."""
        found: list[T] = []
        seen = Trail(listed)
        try:
            listing: Any = call(*of, meter=reading, **how)
            pages = listing.by_page()
            for page in pages:
                found.extend(page)
                seen.once(pages.continuation_token)
        except Fault:
            raise
        except Exception as error:  # noqa: BLE001 - classified, never swallowed
            raise unanswered(error, listed) from None
        return found

    def _batch(
        self,
        reading: Reading,
        listed: Operation,
        version: str,
        chunk: dict[str, Ask],
        todo: dict[str, Ask],
    ) -> Iterator[tuple[str, Answer, float]]:
        requests = [
            {"id": number, "method": "GET", "url": ask.path}
            | ({"headers": ask.headers} if ask.headers else {})
            for number, ask in chunk.items()
        ]
        body = self.post(reading, listed, f"/{version}/$batch", {"requests": requests})
        try:
            answers = read(body, _Batch).responses
        except UnreadableError:
            raise Fault("unreachable", f"{listed.title}: a reply is no batch") from None
        for one in answers:
            if one.id not in chunk or one.id not in todo:
                continue
            if one.status in _PASSING:
                failed = Answer(todo[one.id].about, one.status, bytes(one.body))
                yield one.id, failed, _inner_wait(one.headers)
            elif one.status in _ALONE:
                yield one.id, self._alone(reading, listed, version, todo[one.id]), 0.0
            else:
                yield one.id, Answer(todo[one.id].about, one.status, bytes(one.body)), 0.0

    def _alone(self, reading: Reading, listed: Operation, version: str, ask: Ask) -> Answer:
        request_headers = dict(ask.headers)
        status, body = self._exchange(
            reading, listed, "GET", f"/{version}{ask.path}", request_headers, None
        )
        return Answer(ask.about, status, body)

    def _pause(self, attempt: int, wished: float) -> None:
        from time import sleep

        patience = self.patience
        sleep(min(wished or patience.pause * 2**attempt, patience.longest_wait))

    def _send(
        self,
        reading: Meter,
        listed: Operation,
        method: str,
        path: str,
        headers: dict[str, str],
        content: bytes | None,
    ) -> bytes:
        status, body = self._exchange(reading, listed, method, path, headers, content)
        if status != 200:
            raise answered(status, body, listed)
        return body

    def _exchange(
        self,
        reading: Meter,
        listed: Operation,
        method: str,
        path: str,
        headers: dict[str, str],
        content: bytes | None,
    ) -> tuple[int, bytes]:
        from azure.core.exceptions import AzureError
        from azure.core.rest import HttpRequest

        request = HttpRequest(method, self._url(listed, path), headers=headers, content=content)
        try:
            response = self._clients[listed.api].send_request(request, meter=reading)
            return response.status_code, response.content
        except (AzureError, ForeignHostError, CutReplyError) as error:
            raise unanswered(error, listed) from None

    def _url(self, listed: Operation, path: str) -> str:
        """Complete a path; a link to the cloud's own host is asked at the endpoint in its place.

        A proxy passes links on as they are. Any other host stays, and is refused a token.
        """
        graph = listed.api == "graph"
        base = self.cloud.graph if graph else self.cloud.arm
        if "://" not in path:
            return base + path
        own = self.cloud.graph_audience if graph else self.cloud.arm_audience
        return base + path.removeprefix(own) if path.startswith(f"{own}/") else path

    def _client(self, base_url: str, scope: str) -> Any:
        from azure.core import PipelineClient

        return PipelineClient(
            base_url,
            policies=self._policies(base_url, scope),
            transport=Lent(self._transport),
        )

    def _policies(self, base_url: str, scope: str) -> list[Any]:
        from azure.core.pipeline.policies import (
            HeadersPolicy,
            ProxyPolicy,
            RequestIdPolicy,
            UserAgentPolicy,
        )

        from nhiscan_providers.azure.policies import Bearer, Patient

        return [
            RequestIdPolicy(),
            # asks Graph to let the client's own applications go first
            HeadersPolicy({"x-ms-throttle-priority": "low"}),
            UserAgentPolicy("nhiscan"),
            ProxyPolicy(),
            Patient(self.patience),
            Bearer(lambda: self._token(scope), base_url),
        ]

    def _token(self, scope: str) -> Any:
        return self._credential.get_token(scope, tenant_id=self.directory)


def path(listed: Operation, _suffix: str = "", /, **parameters: str | int) -> str:
    """Build a path with OData parameters: `$` is put before each name; values are escaped."""
    base = listed.path.partition("?")[0] + _suffix
    query = urlencode(
        {f"${name}": value for name, value in parameters.items()}, quote_via=quote, safe="(),$'/:"
    )
    return f"{base}?{query}" if query else base


def _chunks(items: list[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _inner_wait(headers: dict[str, Any] | None) -> float:
    for name, value in (headers or {}).items():
        if name.lower() == "retry-after" and str(value).isdecimal():
            return float(str(value))
    return 0.0

"""Sends single requests: sessions, channels and tokens, shared by all units of a process."""

from collections.abc import Mapping
from threading import Lock, local
from time import monotonic, sleep
from typing import Any

from msgspec import Struct

from nhiscan_providers.gcp.options import Options


class Patience(Struct, frozen=True, kw_only=True):
    """How long to wait and how often to try; times in seconds.

    `attempts` bounds how often one call is sent, `deadline` how long it may take over all of them:
    the generated clients never retry RESOURCE_EXHAUSTED, and some have no deadline at all. `haste`
    multiplies the calls a minute of the table.
    """

    attempts: int = 8
    connect: float = 5.0
    read: float = 60.0
    deadline: float = 300.0
    pause: float = 0.5
    longest_pause: float = 32.0
    haste: float = 1.0


class Pace:
    """Lets through `minute` calls a minute, a tenth of them at once, across threads."""

    def __init__(self, minute: float) -> None:
        self._rate = minute / 60
        self._room = max(1.0, minute / 10)
        self._left = self._room
        self._at = monotonic()
        self._lock = Lock()

    def wait(self) -> None:
        """Return when the next call may start."""
        with self._lock:
            now = monotonic()
            self._left = min(self._room, self._left + (now - self._at) * self._rate)
            self._at = now
            self._left -= 1
            pause = -self._left / self._rate if self._left < 0 else 0.0
        if pause:
            sleep(pause)


class Reply(Struct, frozen=True):
    """What a server answered: its status, the delay it asks for, and the whole body."""

    status: int
    retry_after: str | None
    body: bytes


class SlowReplyError(Exception):
    """A body was still coming when the time for it was over."""


class Wire:
    """Shares connections, and what paces calls, between all units of a process."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._paces: dict[tuple[str, str, str], Pace] = {}
        self._sessions = local()
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._lock = Lock()

    def pace(self, payer: str, api: str, name: str, minute: float) -> Pace:
        """Return what paces one method for the project that pays for its calls."""
        with self._lock:
            key = (payer, api, name)
            if key not in self._paces:
                self._paces[key] = Pace(minute * self.patience.haste)
            return self._paces[key]

    def session(self, options: Options) -> Any:
        """Return this thread's HTTP session, which trusts what the entry says."""
        import requests

        ca = options.ca_file()
        sessions: dict[str, Any] = self._sessions.__dict__
        key = ca or ""
        if key not in sessions:
            session = requests.Session()
            session.verify = ca or True
            sessions[key] = session
        return sessions[key]

    def send(
        self,
        options: Options,
        verb: str,
        url: str,
        params: Mapping[str, Any] | None,
        body: Any,
        headers: Mapping[str, str],
    ) -> Reply:
        """Send one request and read the whole reply within the time allowed for reading.

        Raises what `requests` raises, and SlowReplyError.
        """
        patience = self.patience
        until = monotonic() + patience.read
        chunks = []
        with self.session(options).request(
            verb,
            url,
            params=params,
            json=body,
            headers=headers,
            timeout=(patience.connect, patience.read),
            stream=True,
            allow_redirects=False,
        ) as answer:
            for chunk in answer.iter_content(65536):
                chunks.append(chunk)
                if monotonic() > until:
                    raise SlowReplyError
            return Reply(answer.status_code, answer.headers.get("Retry-After"), b"".join(chunks))

    def iam(self, options: Options) -> Any:
        """Return the IAM client, over TLS, or in plain text where the endpoint is this machine."""
        import grpc
        from google.cloud.iam_admin_v1 import IAMClient
        from google.cloud.iam_admin_v1.services.iam.transports import IAMGrpcTransport

        endpoint = options.endpoint
        address = endpoint.grpc if endpoint else "iam.googleapis.com:443"
        key = (address, options.ca_file())
        with self._lock:
            if key not in self._clients:
                if endpoint and endpoint.loopback:
                    channel = grpc.insecure_channel(address)
                else:
                    channel = grpc.secure_channel(address, _trust(key[1]))
                self._clients[key] = IAMClient(transport=IAMGrpcTransport(channel=channel))
            return self._clients[key]


def _trust(ca: str | None) -> Any:
    from pathlib import Path

    import grpc

    roots = Path(ca).read_bytes() if ca else None
    return grpc.ssl_channel_credentials(root_certificates=roots)

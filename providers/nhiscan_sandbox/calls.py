"""The log of every call that reached the sandbox, and the questions tests ask of it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from time import monotonic

import msgspec
from msgspec import Struct

# Operations that read although their names do not begin with a reading verb.
_GOOGLE = (
    "ComputeContacts",
    "ExchangeToken",
    "GenerateAccessToken",
    "QueryActivity",
    "TestIamPermissions",
)
_READS = {"AssumeRole", "GenerateCredentialReport", "LookupEvents", *_GOOGLE}
_READING_VERBS = ("Get", "List", "Describe", "BatchGet", "Search")


class Call(Struct, kw_only=True):
    """One request as it was understood.

    `account` is the account whose data was asked for; for AssumeRole, the account of the role that
    was asked for. `caller` is the ARN behind the access key. `at` is monotonic seconds. `status` is
    the HTTP status that was answered, null when the connection was cut instead. `inner` calls came
    within a batch, which is a call of its own; `units` is what Graph charged for it. `authorized`
    says whether a token came along.
    """

    at: float
    account: str | None
    region: str | None
    service: str
    operation: str
    permission: str
    caller: str | None = None
    fault: str | None = None
    status: int | None = None
    inner: bool = False
    units: int | None = None
    authorized: bool = False

    @property
    def writes(self) -> bool:
        """Say whether the operation would change something; what is not known to read, writes."""
        return self.operation not in _READS and not self.operation.startswith(_READING_VERBS)


class CallLog:
    """All calls in order; safe to read while the sandbox answers others."""

    def __init__(self, file: Path | None = None) -> None:
        self._calls: list[Call] = []
        self._lock = Lock()
        self._file = file

    def add(self, call: Call) -> None:
        """Append a call that has just arrived."""
        with self._lock:
            self._calls.append(call)

    def answered(self, call: Call) -> None:
        """Append a call that is over to the log file, if there is one: a line of JSON each."""
        if self._file is None:
            return
        with self._lock, self._file.open("ab") as stream:
            stream.write(msgspec.json.encode(call) + b"\n")

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._calls.clear()

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(list(self._calls))

    def __len__(self) -> int:
        with self._lock:
            return len(self._calls)

    def of(
        self, operation: str | None = None, *, account: str | None = None, region: str | None = None
    ) -> list[Call]:
        """Return the calls of one operation, account or region, or of any combination."""
        return [
            call
            for call in self
            if operation in (None, call.operation)
            and account in (None, call.account)
            and region in (None, call.region)
        ]

    def writes(self) -> list[Call]:
        """Return the calls that would have changed something in a cloud."""
        return [call for call in self if call.writes]

    def per_account(self) -> Counter[str | None]:
        """Count calls by account."""
        return Counter(call.account for call in self)

    def per_operation(self) -> Counter[str]:
        """Count calls by `service:Operation`."""
        return Counter(f"{call.service}:{call.operation}" for call in self)

    def permissions(self, *services: str) -> set[str]:
        """Return every permission that the calls needed, of some services or of all."""
        return {
            call.permission
            for call in self
            if call.permission and (not services or call.service in services)
        }


def arrived() -> float:
    """Return the time to write into `Call.at`."""
    return monotonic()

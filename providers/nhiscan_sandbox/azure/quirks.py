"""How the stand-ins behave beyond what they hold: sizes of pages, and budgets."""

from collections import deque
from threading import Lock
from time import monotonic

from nhiscan_sandbox.azure.wire import Refusal

_WINDOW = 10.0
_REPORTS = 5
REPORTS = frozenset({"ListSignInActivities", "ListCredentialActivities", "ListDirectoryAudits"})
# Microsoft Graph service-specific throttling limits, "Identity and access": base costs.
_COSTS = {"applications": 2, "oauth2PermissionGrants": 2, "appRoleAssignments": 2}


class Quirks:
    """Switches of a running sandbox; as it starts, nothing is scarce.

    `page_cap` makes pages smaller than the services do, so that small estates have several.
    `reports_bucket` turns on the limit of 5 requests in 10 seconds for reports and audits, and
    `units` a budget of resource units in 10 seconds, both per directory and application.
    `shuffle`: answers of a batch come in another order than they were asked.
    """

    def __init__(self) -> None:
        self.page_cap: int | None = None
        self.reports_bucket = False
        self.units: int | None = None
        self.shuffle = True
        self._spent: dict[tuple[str, str, str], deque[tuple[float, int]]] = {}
        self._lock = Lock()

    def reset(self) -> None:
        """Make nothing scarce again."""
        self.page_cap, self.reports_bucket, self.units, self.shuffle = None, False, None, True
        with self._lock:
            self._spent.clear()

    def charge(self, directory: str, app_id: str, operation: str, cost: int) -> None:
        """Take a request out of the budgets; Refusal if one is used up."""
        if self.reports_bucket and operation in REPORTS:
            self._take((directory, app_id, "reports"), 1, _REPORTS)
        if self.units is not None:
            self._take((directory, app_id, "units"), cost, self.units)

    def _take(self, key: tuple[str, str, str], cost: int, budget: int) -> None:
        now = monotonic()
        with self._lock:
            spent = self._spent.setdefault(key, deque())
            while spent and spent[0][0] <= now - _WINDOW:
                spent.popleft()
            if sum(one for _, one in spent) + cost > budget:
                raise throttled(None)
            spent.append((now, cost))


def throttled(retry_after: float | None) -> Refusal:
    """Make Graph's 429; without a wish, there is no Retry-After."""
    headers = {} if retry_after is None else {"Retry_After": f"{retry_after:g}"}
    return Refusal(429, "TooManyRequests", "Too many requests", **headers)


def cost(path: str, values: dict[str, str]) -> int:
    """Count the resource units of a request: at least one."""
    units = _COSTS.get(path.rstrip("/").rpartition("/")[2], 1)
    units -= "$select" in values
    units += "$expand" in values
    top = values.get("$top", "")
    units -= top.isdigit() and int(top) < 20
    return max(units, 1)

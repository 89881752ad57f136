"""A small Google on loopback for tests of whole units: one organization, by REST and gRPC.

It pages with Google's caps, asks for permissions, knows of APIs that are off, and keeps a log.
"""

import threading
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from google.cloud.iam_admin_v1 import ListServiceAccountsResponse, ServiceAccount
from google.iam.v1.policy_pb2 import Policy
from google.protobuf.json_format import ParseDict
from grpc_status.rpc_status import to_status

from tests.providers.gcp.routes import NEEDS, route, verb_is_post
from tests.providers.gcp.script import rpc_error

IAM = "iam.gserviceaccount.com"
CRM = "//cloudresourcemanager.googleapis.com/"
NEVER = "9999-12-31T23:59:59Z"
# The page caps of the methods (domain: read in discovery documents).
CAPS = {"assets": 1000, "searchAllResources": 500, "searchAllIamPolicies": 500}


class Refused(Exception):  # noqa: N818 it is what the server says
    """An error to answer with."""

    def __init__(self, http: int, status: str, reason: str = "", **metadata: str) -> None:
        super().__init__(status)
        self.http, self.status, self.reason, self.metadata = http, status, reason, metadata

    def body(self) -> Any:
        """Write it as AIP-193 has it."""
        info = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": self.reason,
            "metadata": self.metadata,
        }
        details = [info] if self.reason else []
        return {"error": {"code": self.http, "status": self.status, "details": details}}


class Call(NamedTuple):
    """One call as served: API, method, what was asked about, and how it went."""

    api: str
    method: str
    target: str
    status: int


class Google:
    """What the servers show, which tests change as they like before they scan.

    `permissions`: what the caller holds everywhere; null: all. `off`: APIs that are off.
    `refused`: (API, target beginning) that is denied. `faults`: errors to give first, in order.
    """

    def __init__(self) -> None:
        self.projects: list[dict[str, Any]] = []
        self.folders: list[dict[str, Any]] = []
        self.assets: list[dict[str, Any]] = []
        self.policies: list[dict[str, Any]] = []
        self.resources: list[dict[str, Any]] = []
        self.activities: dict[str, list[dict[str, Any]]] = {}
        self.hmac: dict[str, list[dict[str, Any]]] = {}
        self.entries: list[dict[str, Any]] = []
        self.public_keys: dict[str, str] = {}
        self.permissions: set[str] | None = None
        self.off: set[str] = set()
        self.refused: list[tuple[str, str]] = []
        self.unknown_types: set[str] = set()
        self.activity_of_organization = True
        self.faults: list[Refused | str] = []
        self.empty_pages = False
        self.log: list[Call] = []
        self._numbers: dict[str, str] = {}
        self._ancestors: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    # Data -----------------------------------------------------------------------------------

    def project(self, name: str, number: str, parent: str, **more: Any) -> None:
        """Add a project; `labels` and `state` may be given."""
        above = [parent]
        while above[-1].startswith("folders/"):
            above.append(next(f["parent"] for f in self.folders if f["name"] == above[-1]))
        row = {
            "name": f"projects/{number}", "projectId": name, "displayName": name,
            "parent": parent, "state": "ACTIVE", **more,
        }  # fmt: skip
        self.projects.append(row)
        self._numbers[name] = number
        self._ancestors[number] = [f"projects/{number}", *above]
        data = {"projectId": name, "projectNumber": number, "lifecycleState": row["state"]}
        self.asset("cloudresourcemanager.googleapis.com/Project", f"{CRM}projects/{number}", data,
                   [f"projects/{number}", *above])  # fmt: skip

    def account(self, name: str, project: str, unique: str, **more: Any) -> str:
        """Add a service account; return its address. `created` goes to the search alone."""
        address = name if "@" in name else f"{name}@{project}.{IAM}"
        created = more.pop("created", "2024-01-02T03:04:05Z")
        tags = more.pop("tags", {})
        data = {
            "name": f"projects/{project}/serviceAccounts/{address}", "projectId": project,
            "uniqueId": unique, "email": address, "oauth2ClientId": unique, **more,
        }  # fmt: skip
        full = f"//iam.googleapis.com/projects/{project}/serviceAccounts/{unique}"
        self.asset("iam.googleapis.com/ServiceAccount", full, data, self.ancestors(project))
        row = {
            "name": f"//iam.googleapis.com/projects/{project}/serviceAccounts/{address}",
            "assetType": "iam.googleapis.com/ServiceAccount",
            "project": f"projects/{self.number(project)}",
            "createTime": created,
            "tags": [{"tagKey": f"1/{k}", "tagValue": f"1/{k}/{v}"} for k, v in tags.items()],
        }
        self.resources.append(row)
        return address

    def key(self, address: str, id_: str, **more: Any) -> None:
        """Add a user-managed key; the secret that no reply should have is there on purpose."""
        project = address.partition("@")[2].partition(".")[0]
        name = f"projects/{project}/serviceAccounts/{address}/keys/{id_}"
        data = {
            "name": name, "keyType": "USER_MANAGED", "keyOrigin": "GOOGLE_PROVIDED",
            "keyAlgorithm": "KEY_ALG_RSA_2048", "validAfterTime": "2024-03-01T00:00:00Z",
            "validBeforeTime": NEVER, "privateKeyData": "CANARY-private", **more,
        }  # fmt: skip
        self.asset("iam.googleapis.com/ServiceAccountKey", f"//iam.googleapis.com/{name}", data,
                   self.ancestors(project))  # fmt: skip

    def asset(self, kind: str, name: str, data: dict[str, Any], ancestors: list[str]) -> None:
        """Add any asset."""
        row = {"name": name, "assetType": kind, "ancestors": ancestors, "resource": {"data": data}}
        self.assets.append(row)

    def bind(self, resource: str, kind: str, project: str | None, *bindings: Any) -> None:
        """Add a policy: `bindings` are (role, members…) or whole mappings."""
        rows = [
            one if isinstance(one, dict) else {"role": one[0], "members": list(one[1:])}
            for one in bindings
        ]
        row: dict[str, Any] = {
            "resource": resource,
            "assetType": kind,
            "policy": {"bindings": rows},
        }
        if project:
            row["project"] = f"projects/{self.number(project)}"
        self.policies.append(row)

    def number(self, project: str) -> str:
        """Return the number of a project, given either."""
        return self._numbers.get(project, project)

    def ancestors(self, project: str) -> list[str]:
        """Return a project's ancestors, itself first."""
        return self._ancestors[self.number(project)]

    def counted(self, *methods: str) -> int:
        """Count the calls of some methods, or of all."""
        return len([c for c in self.log if not methods or c.method in methods])

    # Serving --------------------------------------------------------------------------------

    def answer(self, verb: str, target: str, body: Any) -> tuple[int, Any]:
        """Answer one REST request."""
        split = urlsplit(target)
        path = unquote(split.path).strip("/")
        query = dict(parse_qs(split.query))
        api, method, name = route(path)
        try:
            self._fault()
            self._allow(api, method, name)
            reply, status = self._serve(api, method, name, query, body), 200
        except Refused as refused:
            reply, status = refused.body(), refused.http
        self.log.append(Call(api, method, name, status))
        return status, reply

    def _fault(self) -> None:
        with self._lock:
            fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Refused):
            raise fault

    def _allow(self, api: str, method: str, name: str) -> None:
        if api in self.off:
            metadata = {"service": f"{api}.googleapis.com", "consumer": "projects/acme-sec"}
            raise Refused(403, "PERMISSION_DENIED", "SERVICE_DISABLED", **metadata)
        needed = NEEDS.get(method, "")
        hidden = self.permissions is not None and needed and needed not in self.permissions
        if hidden or any(api == a and name.startswith(n) for a, n in self.refused):
            raise Refused(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED", permission=needed)

    def _serve(self, api: str, method: str, name: str, query: Any, body: Any) -> Any:
        if method == "testIamPermissions":
            asked = body["permissions"]
            held = (
                asked if self.permissions is None else [p for p in asked if p in self.permissions]
            )
            return {"permissions": held}
        if method == "getOrganization":
            return {"name": name, "displayName": "acme.example"}
        if method == "batchGetServices":
            names = query["names"]
            return {"services": [{"name": one, "state": self._state(one)} for one in names]}
        if method == "getKey":
            data = self.public_keys.get(name.rpartition("/")[2], "")
            return {"name": name, "publicKeyData": data}
        if method == "getIamPolicy":
            return self.policy(f"{CRM}{name}")
        rows, member = self._rows(api, method, name, query, body)
        return self._page(method, rows, member, body if verb_is_post(method) else query)

    def _state(self, service: str) -> str:
        api = service.rpartition("/")[2].partition(".")[0]
        return "DISABLED" if api in self.off else "ENABLED"

    def _rows(
        self, api: str, method: str, name: str, query: Any, body: Any
    ) -> tuple[list[Any], str]:
        project = name.split("/locations")[0]
        rows: dict[str, Any] = {
            "folders:search": lambda: (self.folders, "folders"),
            "projects:search": lambda: (self.projects, "projects"),
            "assets": lambda: (self._typed(self.assets, name, query), "assets"),
            "searchAllResources": lambda: (
                [r for r in self.resources if self._below(r.get("project", ""), name)],
                "results",
            ),
            "searchAllIamPolicies": lambda: (
                [r for r in self.policies if self._bound(r, name, query)],
                "results",
            ),
            "keys": lambda: self._keys(api, name, project),
            "workloadIdentityPools": lambda: (
                self._data("iam.googleapis.com/WorkloadIdentityPool", project),
                "workloadIdentityPools",
            ),
            "providers": lambda: (
                self._named("iam.googleapis.com/WorkloadIdentityPoolProvider", name),
                "workloadIdentityPoolProviders",
            ),
            "roles": lambda: (self._data("iam.googleapis.com/Role", name), "roles"),
            "contacts": lambda: (
                self._data("essentialcontacts.googleapis.com/Contact", name),
                "contacts",
            ),
            "activities:query": lambda: (self._activity(name), "activities"),
            "hmacKeys": lambda: (self.hmac.get(name.partition("/")[2], []), "items"),
            "entries:list": lambda: (self._events(body["resourceNames"]), "entries"),
        }
        if method not in rows:
            raise Refused(404, "NOT_FOUND")
        found: tuple[list[Any], str] = rows[method]()
        return found

    def _keys(self, api: str, name: str, project: str) -> tuple[list[Any], str]:
        if api == "apikeys":
            return self._data("apikeys.googleapis.com/Key", project), "keys"
        return self._named("iam.googleapis.com/ServiceAccountKey", name), "keys"

    def _named(self, kind: str, name: str) -> list[Any]:
        return [row for row in self._data(kind, "") if row["name"].startswith(f"{name}/")]

    def _events(self, names: list[str]) -> list[Any]:
        return [one for one in self.entries if f"projects/{one['project']}" in names]

    def policy(self, resource: str) -> Any:
        """Return the policy of a resource."""
        return next((r["policy"] for r in self.policies if r["resource"] == resource), {})

    def _typed(self, rows: list[Any], name: str, query: Any) -> list[Any]:
        types = set(query.get("assetTypes", ()))
        if types & self.unknown_types:
            raise Refused(400, "INVALID_ARGUMENT")
        return [
            r for r in rows
            if r["assetType"] in types and any(self._same(a, name) for a in r["ancestors"])
        ]  # fmt: skip

    def _bound(self, row: Any, name: str, query: Any) -> bool:
        if row["assetType"] not in query.get("assetTypes", ()):
            return False
        return name.startswith("organizations/") or self._same(row.get("project", ""), name)

    def _below(self, project: str, name: str) -> bool:
        return name.startswith("organizations/") or self._same(project, name)

    def _same(self, one: str, other: str) -> bool:
        if not (one.startswith("projects/") and other.startswith("projects/")):
            return one == other
        return self.number(one.partition("/")[2]) == self.number(other.partition("/")[2])

    def _data(self, kind: str, place: str) -> list[Any]:
        return [
            a["resource"]["data"] for a in self.assets
            if a["assetType"] == kind
            and (not place or any(self._same(x, place) for x in a["ancestors"][:1]))
        ]  # fmt: skip

    def _activity(self, name: str) -> list[Any]:
        scope, _, rest = name.partition("/locations/global/activityTypes/")
        if scope.startswith("organizations/") and not self.activity_of_organization:
            raise Refused(400, "INVALID_ARGUMENT")
        rows = self.activities.get(rest, [])
        if scope.startswith("organizations/"):
            return rows
        number = self.number(scope.partition("/")[2])
        return [r for r in rows if f"/{number}/" in r["fullResourceName"]]

    def _page(self, method: str, rows: list[Any], member: str, asked: Any) -> Any:
        def given(key: str) -> Any:
            value = asked.get(key)
            return value[0] if isinstance(value, list) else value

        token = given("pageToken") or "0"
        start, empty = int(token.rstrip("e")), token.endswith("e")
        size = int(given("pageSize") or given("maxResults") or 100)
        size = min(size, CAPS.get(method, 1000))
        if self.empty_pages and not empty:
            return {"nextPageToken": f"{start}e"}
        page: dict[str, Any] = {member: rows[start : start + size]}
        if start + size < len(rows):
            page["nextPageToken"] = str(start + size)
        return page

    def rpc_accounts(self, request: Any, context: Any) -> Any:
        """Answer ListServiceAccounts."""
        self._rpc("listServiceAccounts", request.name, context)
        rows = self._data("iam.googleapis.com/ServiceAccount", request.name)
        size = min(request.page_size or 20, 100)
        start = int(request.page_token or 0)
        token = str(start + size) if start + size < len(rows) else ""
        made = [
            ServiceAccount(
                email=row["email"],
                unique_id=row["uniqueId"],
                project_id=row["projectId"],
                disabled=row.get("disabled", False),
            )
            for row in rows[start : start + size]
        ]
        return ListServiceAccountsResponse(accounts=made, next_page_token=token)

    def rpc_policy(self, request: Any, context: Any) -> Any:
        """Answer GetIamPolicy."""
        self._rpc("getIamPolicyOfAccount", request.resource, context)
        return ParseDict(self.policy(f"//iam.googleapis.com/{request.resource}"), Policy())

    def _rpc(self, method: str, name: str, context: Any) -> None:
        try:
            self._allow("iam", method, name)
            self.log.append(Call("iam", method, name, 200))
        except Refused as refused:
            self.log.append(Call("iam", method, name, refused.http))
            context.abort_with_status(
                to_status(rpc_error(7, refused.reason, None, **refused.metadata))
            )

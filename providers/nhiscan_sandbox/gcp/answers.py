"""What each method answers a caller who may call it."""

from collections.abc import Callable
from typing import Any

from nhiscan_sandbox.estate.gcp_model import Role
from nhiscan_sandbox.gcp import activity, resources
from nhiscan_sandbox.gcp.access import Access, predefined, role_row
from nhiscan_sandbox.gcp.assets import Assets
from nhiscan_sandbox.gcp.callers import Callers
from nhiscan_sandbox.gcp.pages import Asked, page
from nhiscan_sandbox.gcp.wire import refuse
from nhiscan_sandbox.gcp.world import (
    USUAL_SERVICES,
    Account,
    Place,
    World,
    place_of,
    project_of,
    services_on,
)

Handler = Callable[[Asked, str], dict[str, Any]]
_LOCATIONS = ("global", "europe-west4", "us-central1")


class Answers:
    """Handlers by `service:Operation`; each gets the call and the member who makes it."""

    def __init__(self, world: World, access: Access, callers: Callers) -> None:
        self._world = world
        self._access = access
        self._callers = callers
        self._assets = Assets(world)
        self._handlers = self._table()

    def answer(self, asked: Asked, member: str) -> dict[str, Any]:
        """Answer one call."""
        return self._handlers[f"{asked.service}:{asked.operation}"](asked, member)

    def account(self, asked: Asked) -> Account:
        """Return the service account that a call is about, or refuse it as missing."""
        name = "/".join(asked.target.split("/")[:4])
        account = self._world.account(name)
        if account is None:
            raise refuse("NOT_FOUND", f"Unknown service account: {name}.")
        return account

    def place(self, asked: Asked) -> Place:
        """Return the organization, folder or project that a call is about."""
        return place_of(self._world, asked.target)

    def _table(self) -> dict[str, Handler]:
        return self._identities() | self._hierarchy() | self._inventory() | self._others()

    def _identities(self) -> dict[str, Handler]:
        return {
            "iam:ListServiceAccounts": self._accounts,
            "iam:GetServiceAccount": lambda asked, _: resources.service_account(
                self.account(asked)
            ),
            "iam:ListServiceAccountKeys": self._keys,
            "iam:GetServiceAccountKey": self._key,
            "iam:GetIamPolicy": lambda asked, _: resources.policy(self.account(asked).row.bindings),
            "iam:TestIamPermissions": self._tested,
            "iam:ListRoles": self._roles,
            "iam:GetRole": self._role,
            "iam:ListWorkloadIdentityPools": self._pools,
            "iam:ListWorkloadIdentityPoolProviders": self._providers,
            "iamcredentials:GenerateAccessToken": self._callers.generate,
            "sts:ExchangeToken": lambda asked, _: self._callers.exchange(asked),
            "oauth2:ExchangeToken": lambda asked, _: self._callers.exchange(asked),
        }

    def _hierarchy(self) -> dict[str, Handler]:
        def get(asked: Asked, _: str) -> dict[str, Any]:
            return resources.place(self._world, self.place(asked))

        handlers: dict[str, Handler] = {
            "SearchOrganizations": lambda asked, by: self._search(
                asked, by, self._world.organizations(), "organizations"
            ),
            "SearchFolders": lambda asked, by: self._search(
                asked, by, self._world.folders(), "folders"
            ),
            "SearchProjects": lambda asked, by: self._search(
                asked, by, self._world.projects(), "projects"
            ),
            "ListFolders": lambda asked, _: self._children(asked, "folders"),
            "ListProjects": lambda asked, _: self._children(asked, "projects"),
            "GetOrganization": get,
            "GetFolder": get,
            "GetProject": get,
            "GetIamPolicy": lambda asked, _: resources.policy(self.place(asked).row.bindings),
            "TestIamPermissions": self._tested,
        }
        return {f"cloudresourcemanager:{name}": handler for name, handler in handlers.items()}

    def _inventory(self) -> dict[str, Handler]:
        return {
            "cloudasset:ListAssets": lambda asked, _: self._assets.listed(asked),
            "cloudasset:SearchAllResources": lambda asked, _: self._assets.resources(asked),
            "cloudasset:SearchAllIamPolicies": lambda asked, _: self._assets.policies(asked),
        }

    def _others(self) -> dict[str, Handler]:
        world = self._world
        return {
            "apikeys:ListKeys": self._api_keys,
            "policyanalyzer:QueryActivity": lambda asked, _: activity.query(world, asked),
            "essentialcontacts:ListContacts": self._contacts,
            "essentialcontacts:ComputeContacts": self._contacts,
            "storage:ListHmacKeys": self._hmac_keys,
            "logging:ListLogEntries": lambda asked, _: activity.entries(world, asked),
            "serviceusage:ListServices": self._services,
            "serviceusage:BatchGetServices": lambda asked, _: {
                "services": [self._service(asked, name) for name in asked.several("names")]
            },
            "serviceusage:GetService": lambda asked, _: self._service(asked, asked.target),
            "agentregistry:ListAgents": self._agents,
            "agentregistry:ListLocations": self._locations,
            "aiplatform:ListReasoningEngines": self._agents,
            "aiplatform:ListLocations": self._locations,
        }

    def _accounts(self, asked: Asked, _: str) -> dict[str, Any]:
        rows = [resources.service_account(a) for a in self._world.accounts_of(self.place(asked))]
        return page(asked, rows, "accounts", cap=100, default=20)

    def _keys(self, asked: Asked, _: str) -> dict[str, Any]:
        account, types = self.account(asked), asked.several("keyTypes")
        rows = [resources.service_account_key(self._world, account, k) for k in account.row.keys]
        shown = [row for row in rows if not types or row["keyType"] in types]
        return {"keys": shown} if shown else {}

    def _key(self, asked: Asked, _: str) -> dict[str, Any]:
        account, wanted = self.account(asked), asked.target.rpartition("/")[2]
        for key in account.row.keys:
            made = resources.service_account_key(self._world, account, key)
            if made["name"].endswith(f"/{wanted}"):
                kind = asked.text("publicKeyType")
                return made | (resources.public_key(account, key) if kind else {})
        raise refuse("NOT_FOUND", f"Service account key {wanted} does not exist.")

    def _tested(self, asked: Asked, member: str) -> dict[str, Any]:
        wanted = asked.several("permissions")
        if any("*" in permission for permission in wanted):
            raise refuse("INVALID_ARGUMENT", "Permissions must not hold wildcards.")
        if "/serviceAccounts/" in asked.target:
            account = self.account(asked)
            held = self._access.held(member, account.place, account)
        else:
            held = self._access.held(member, self.place(asked))
        shown = [permission for permission in wanted if permission in held]
        return {"permissions": shown} if shown else {}

    def _roles(self, asked: Asked, _: str) -> dict[str, Any]:
        full = asked.text("view") == "FULL"
        named = asked.target or asked.text("parent")
        if named:
            place = place_of(self._world, named)
            rows = [
                self._shown(f"{named}/roles/{row.name}", row, full=full)
                for row in place.roles
                if not row.deleted or asked.flag("showDeleted")
            ]
        else:
            rows = [self._predefined(name, full=full) for name in predefined()]
        return page(asked, rows, "roles", cap=1000, default=300)

    def _role(self, asked: Asked, _: str) -> dict[str, Any]:
        if asked.target in predefined():
            return self._predefined(asked.target, full=True)
        row = role_row(self._world, asked.target)
        if row is None:
            raise refuse("NOT_FOUND", f"The role named {asked.target} was not found.")
        return self._shown(asked.target, row, full=True)

    def _shown(self, name: str, row: Role, *, full: bool) -> dict[str, Any]:
        return resources.role(name, row, frozenset(row.permissions) if full else None)

    def _predefined(self, name: str, *, full: bool) -> dict[str, Any]:
        row = Role(name=name, title=predefined()[name]["title"])
        return resources.role(name, row, self._access.permissions(name) if full else None)

    def _pools(self, asked: Asked, _: str) -> dict[str, Any]:
        place = self.place(asked)
        rows = [
            resources.pool(place, row)
            for row in project_of(place).pools
            if not row.deleted or asked.flag("showDeleted")
        ]
        return page(asked, rows, "workloadIdentityPools", cap=1000, default=50)

    def _providers(self, asked: Asked, _: str) -> dict[str, Any]:
        place, wanted = self.place(asked), asked.target.rpartition("/")[2]
        pool = next((row for row in project_of(place).pools if row.name == wanted), None)
        if pool is None:
            raise refuse("NOT_FOUND", f"Workload identity pool {wanted} does not exist.")
        rows = [
            resources.provider(place, pool, row)
            for row in pool.providers
            if not row.deleted or asked.flag("showDeleted")
        ]
        return page(asked, rows, "workloadIdentityPoolProviders", cap=1000, default=50)

    def _search(self, asked: Asked, by: str, rows: list[Place], key: str) -> dict[str, Any]:
        """Show what the caller can see, which may be nothing, and never say what is hidden."""
        wanted = asked.text("query")
        seen = [
            resources.place(self._world, place)
            for place in rows
            if self._access.allowed(by, f"resourcemanager.{key}.get", place)
            and _matches(place, wanted)
        ]
        return page(asked, seen, key, cap=500, default=50)

    def _children(self, asked: Asked, kind: str) -> dict[str, Any]:
        parent = place_of(self._world, asked.text("parent"))
        every = self._world.folders() if kind == "folders" else self._world.projects()
        rows = [resources.place(self._world, p) for p in every if p.up is parent]
        return page(asked, rows, kind, cap=500, default=50)

    def _api_keys(self, asked: Asked, _: str) -> dict[str, Any]:
        place = self.place(asked)
        rows = [
            resources.api_key(self._world, place, row)
            for row in project_of(place).api_keys
            if row.deleted is None or (asked.flag("showDeleted") and row.deleted <= 30)
        ]
        return page(asked, rows, "keys", cap=300, default=50)

    def _contacts(self, asked: Asked, _: str) -> dict[str, Any]:
        place = self.place(asked)
        line = list(place.line()) if asked.operation == "ComputeContacts" else [place]
        wanted = {*asked.several("notificationCategories"), "ALL"}
        rows = [
            resources.contact(self._world, here, row)
            for here in line
            for row in here.contacts
            if wanted == {"ALL"} or wanted & set(row.categories)
        ]
        return page(asked, rows, "contacts", cap=100, default=100)

    def _hmac_keys(self, asked: Asked, _: str) -> dict[str, Any]:
        rows = [
            resources.hmac_key(self._world, account, row)
            for account in self._world.accounts_of(self.place(asked))
            for row in account.row.hmac_keys
            if row.state != "DELETED" or asked.flag("showDeletedKeys")
        ]
        answer = page(asked, rows, "items", cap=250, default=250, size="maxResults")
        return {"kind": "storage#hmacKeysMetadata"} | answer

    def _services(self, asked: Asked, _: str) -> dict[str, Any]:
        place = self.place(asked)
        on = services_on(project_of(place))
        rows = [resources.service(place, name, on=True) for name in on]
        if asked.text("filter") != "state:ENABLED":
            off = [name for name in USUAL_SERVICES if name not in on]
            rows += [resources.service(place, name, on=False) for name in off]
        return page(asked, rows, "services", cap=200, default=50)

    def _service(self, asked: Asked, name: str) -> dict[str, Any]:
        place = place_of(self._world, asked.target)
        short = name.rpartition("/")[2].removesuffix(".googleapis.com")
        return resources.service(place, short, on=short in services_on(project_of(place)))

    def _agents(self, asked: Asked, _: str) -> dict[str, Any]:
        place, where = self.place(asked), asked.target.split("/")[3]
        if where not in _LOCATIONS:
            raise refuse("INVALID_ARGUMENT", f"Location {where} is not supported.")
        here = [row for row in project_of(place).agents if row.location == where]
        if asked.service == "agentregistry":
            rows = [resources.agent(self._world, place, row) for row in here if row.registered]
            return page(asked, rows, "agents", cap=100, default=100)
        rows = [resources.engine(self._world, place, row) for row in here]
        return page(asked, rows, "reasoningEngines", cap=100, default=100)

    def _locations(self, asked: Asked, _: str) -> dict[str, Any]:
        rows = [
            {"name": f"{asked.target}/locations/{name}", "locationId": name} for name in _LOCATIONS
        ]
        return page(asked, rows, "locations", cap=100, default=100)


def _matches(place: Place, query: str) -> bool:
    """Apply the few search terms that are served: `parent:…` and `state:…`."""
    for term in query.split():
        field, _, value = term.replace("=", ":").partition(":")
        if field == "parent" and (place.up is None or place.up.name != value):
            return False
        if field in ("state", "lifecycleState") and getattr(place.row, "state", "") != value:
            return False
        if field not in ("parent", "state", "lifecycleState"):
            raise refuse("INVALID_ARGUMENT", f"Search term {term} is not served here.")
    return True

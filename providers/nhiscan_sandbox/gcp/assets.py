"""Cloud Asset Inventory: every resource and policy below an organization, folder or project."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from nhiscan_sandbox.estate.gcp_model import Binding, Folder, GoogleOrganization, Project
from nhiscan_sandbox.gcp import resources
from nhiscan_sandbox.gcp.pages import Asked, page
from nhiscan_sandbox.gcp.wire import refuse
from nhiscan_sandbox.gcp.world import (
    CRM,
    Account,
    Place,
    World,
    place_of,
    present,
    project_of,
    services_on,
)

_IAM = "iam.googleapis.com/"
ACCOUNT = f"{_IAM}ServiceAccount"
_CRM_TYPE = "cloudresourcemanager.googleapis.com/"
# Types that can be asked for although the estate holds none: any other is INVALID_ARGUMENT.
_ALSO_KNOWN = (
    "aiplatform.googleapis.com/Endpoint",
    "artifactregistry.googleapis.com/Repository",
    "bigquery.googleapis.com/Dataset",
    "cloudfunctions.googleapis.com/CloudFunction",
    "cloudfunctions.googleapis.com/Function",
    "cloudkms.googleapis.com/CryptoKey",
    "cloudkms.googleapis.com/KeyRing",
    "compute.googleapis.com/Instance",
    "container.googleapis.com/Cluster",
    "pubsub.googleapis.com/Subscription",
    "pubsub.googleapis.com/Topic",
    "run.googleapis.com/Job",
    "run.googleapis.com/Service",
    "secretmanager.googleapis.com/Secret",
    "storage.googleapis.com/Bucket",
)
_KNOWN = {
    *_ALSO_KNOWN,
    *(f"{_CRM_TYPE}{kind}" for kind in ("Organization", "Folder", "Project")),
    *(
        f"{_IAM}{kind}"
        for kind in (
            "Role",
            "ServiceAccount",
            "ServiceAccountKey",
            "WorkloadIdentityPool",
            "WorkloadIdentityPoolProvider",
        )
    ),
    "aiplatform.googleapis.com/ReasoningEngine",
    "apikeys.googleapis.com/Key",
    "essentialcontacts.googleapis.com/Contact",
    "serviceusage.googleapis.com/Service",
}
# Fields of search results that come only when they are asked for.
_HEAVY = ("effectiveTags", "enrichments")
# What the inventory may or may not show: `GoogleOrganization.asset_details`.
_DETAILS = ("disableReason", "extendedStatus", "serviceAccountEmail")


class Asset(Struct):
    """One asset. `name` is its name in lists, `found` the one in searches where that differs."""

    type: str
    name: str
    place: Place
    data: dict[str, Any]
    age: int
    found: str | None = None
    policy: tuple[Binding, ...] = ()
    labels: dict[str, str] = {}
    tags: dict[str, str] = {}
    title: str = ""
    more: dict[str, Any] = {}


class Assets:
    """Answers the three methods of the inventory."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._all = list(_everything(world))

    def listed(self, asked: Asked) -> dict[str, Any]:
        """Answer ListAssets: RESOURCE shows what each API says, IAM_POLICY the policies."""
        content = asked.text("contentType", "RESOURCE")
        rows = self._below(asked)
        if content == "IAM_POLICY":
            made = [self._as_listed(one, policy=True) for one in rows if one.policy]
        elif content == "RESOURCE":
            made = [self._as_listed(one, policy=False) for one in rows]
        else:
            raise refuse("INVALID_ARGUMENT", f"Content type {content} is not served here.")
        return page(asked, made, "assets", cap=1000, default=100)

    def resources(self, asked: Asked) -> dict[str, Any]:
        """Answer SearchAllResources."""
        if asked.text("query"):
            raise refuse("INVALID_ARGUMENT", "Queries of resources are not served here.")
        mask = [field.strip() for field in asked.text("readMask").split(",") if field.strip()]
        rows = [_masked(self._result(one), mask) for one in self._below(asked)]
        return page(asked, rows, "results", cap=500, default=100)

    def policies(self, asked: Asked) -> dict[str, Any]:
        """Answer SearchAllIamPolicies; the one query that is served is `memberTypes:…`."""
        wanted = asked.text("query")
        if wanted and not wanted.startswith("memberTypes:"):
            raise refuse("INVALID_ARGUMENT", "Of queries only memberTypes is served here.")
        kind = wanted.removeprefix("memberTypes:")
        rows = []
        for one in self._below(asked):
            shown = [b for b in one.policy if not kind or _has_member(b, kind)]
            if shown:
                rows.append(_position(one) | {"policy": resources.policy(tuple(shown))})
        return page(asked, rows, "results", cap=500, default=100)

    def _below(self, asked: Asked) -> list[Asset]:
        types = set(asked.several("assetTypes"))
        if types - _KNOWN:
            unknown = ", ".join(sorted(types - _KNOWN))
            raise refuse("INVALID_ARGUMENT", f"Unsupported asset type: {unknown}.")
        scope = place_of(self._world, asked.target)
        return [
            one
            for one in self._all
            if scope in one.place.line() and (not types or one.type in types)
        ]

    def _as_listed(self, one: Asset, *, policy: bool) -> dict[str, Any]:
        ancestors = [here.name for here in one.place.line()]
        common = {
            "name": one.name,
            "assetType": one.type,
            "ancestors": ancestors,
            "updateTime": self._world.ago(min(one.age, 1)),
        }
        if policy:
            return common | {"iamPolicy": resources.policy(one.policy)}
        service, _, kind = one.type.partition("/")
        top = one.place.organization
        row = top.row if top else None
        hidden = isinstance(row, GoogleOrganization) and not row.asset_details
        data = {k: v for k, v in one.data.items() if not (hidden and k in _DETAILS)}
        resource = {
            "version": "v1",
            "discoveryDocumentUri": f"https://{service}/$discovery/rest",
            "discoveryName": kind,
            "parent": CRM + ancestors[0],
            "data": data,
        }
        return common | {"resource": resource}

    def _result(self, one: Asset) -> dict[str, Any]:
        here = one.place
        top = here.organization
        number = top.row.number if top and isinstance(top.row, GoogleOrganization) else "0"
        inherited = [
            {"attachedResource": CRM + p.name, "effectiveTags": _tags(number, p.row.tags)}
            for p in here.line()
            if isinstance(p.row, Project) and p.row.tags
        ]
        own = [{"attachedResource": one.name, "effectiveTags": _tags(number, one.tags)}]
        owners = [m for b in here.row.bindings if b.role == "roles/owner" for m in b.members]
        position = _position(one)
        name = position.pop("resource")
        return position | present(
            name=name,
            displayName=one.title,
            location="global",
            state="ACTIVE",
            labels=one.labels,
            createTime=self._world.ago(one.age),
            updateTime=self._world.ago(min(one.age, 1)),
            parentFullResourceName=CRM + (here.up.name if here.up else here.name),
            tags=_tags(number, one.tags),
            effectiveTags=(own if one.tags else []) + inherited,
            enrichments=[{"resourceOwners": {"resourceOwners": owners}}] if owners else [],
            additionalAttributes=one.more,
        )


def _has_member(row: Binding, kind: str) -> bool:
    return any(m == kind or m.startswith(f"{kind}:") for m in row.members)


def _tags(organization: str, tags: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"tagKey": f"{organization}/{key}", "tagValue": f"{organization}/{key}/{value}"}
        for key, value in tags.items()
    ]


def _masked(row: dict[str, Any], mask: list[str]) -> dict[str, Any]:
    if "*" in mask:
        return row
    if not mask:
        return {field: value for field, value in row.items() if field not in _HEAVY}
    wanted = {_camel(field.partition(".")[0]) for field in mask}
    return {field: value for field, value in row.items() if field in wanted}


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(part.title() for part in rest)


def _position(one: Asset) -> dict[str, Any]:
    line = list(one.place.line())
    return present(
        resource=one.found or one.name,
        assetType=one.type,
        project=next((p.name for p in line if isinstance(p.row, Project)), None),
        folders=[p.name for p in line if isinstance(p.row, Folder)],
        organization=next((p.name for p in line if isinstance(p.row, GoogleOrganization)), None),
    )


def _everything(world: World) -> Iterator[Asset]:
    for place in [*world.organizations(), *world.folders(), *world.projects()]:
        yield _place(world, place)
        for row in place.contacts:
            data = resources.contact(world, place, row)
            name = f"//essentialcontacts.googleapis.com/{data['name']}"
            yield Asset("essentialcontacts.googleapis.com/Contact", name, place, data, row.age)
        for role in place.roles:
            full = f"{place.name}/roles/{role.name}"
            data = resources.role(full, role, frozenset(role.permissions))
            yield Asset(f"{_IAM}Role", f"//iam.googleapis.com/{full}", place, data, 300)
    for place in world.projects():
        for account in world.accounts_of(place):
            yield from _account(world, account)
        yield from _pools(place)
        yield from _rest(world, place)


def _place(world: World, place: Place) -> Asset:
    row = place.row
    kind = type(row).__name__.removeprefix("Google")
    data = resources.place(world, place)
    found = None
    if isinstance(row, Project):
        # The inventory still shows the first version of Resource Manager's projects.
        data = present(
            projectId=row.id,
            projectNumber=row.number,
            name=row.name or row.id,
            lifecycleState=row.state,
            labels=row.labels,
            createTime=world.ago(row.age),
        )
        found = f"{CRM}projects/{row.id}"
    project = row if isinstance(row, Project) else None
    return Asset(
        _CRM_TYPE + kind,
        CRM + place.name,
        place,
        data,
        row.age,
        found=found,
        policy=row.bindings,
        labels=project.labels if project else {},
        tags=project.tags if project else {},
        title=data.get("displayName", data.get("name", "")),
        more={"projectId": project.id} if project else {},
    )


def _account(world: World, account: Account) -> Iterator[Asset]:
    row = account.row
    # Names in the inventory hold the number that an account keeps for life, not its address.
    name = f"//iam.googleapis.com/projects/{account.project.id}/serviceAccounts/{account.unique_id}"
    yield Asset(
        ACCOUNT,
        name,
        account.place,
        resources.service_account(account),
        row.age,
        policy=row.bindings,
        tags=row.tags,
        title=row.title,
        more={"email": account.email, "uniqueId": account.unique_id},
    )
    for key in row.keys:
        data = resources.service_account_key(world, account, key)
        full = f"{name}/keys/{data['name'].rpartition('/')[2]}"
        yield Asset(f"{_IAM}ServiceAccountKey", full, account.place, data, key.age)


def _pools(place: Place) -> Iterator[Asset]:
    kind = f"{_IAM}WorkloadIdentityPool"
    for pool in project_of(place).pools:
        data = resources.pool(place, pool)
        yield Asset(kind, f"//iam.googleapis.com/{data['name']}", place, data, 300)
        for row in pool.providers:
            data = resources.provider(place, pool, row)
            yield Asset(f"{kind}Provider", f"//iam.googleapis.com/{data['name']}", place, data, 300)


def _rest(world: World, place: Place) -> Iterator[Asset]:
    project = project_of(place)
    for key in project.api_keys:
        if key.deleted is None:
            data = resources.api_key(world, place, key)
            name = f"//apikeys.googleapis.com/{data['name']}"
            yield Asset("apikeys.googleapis.com/Key", name, place, data, key.age)
    for service in services_on(project):
        data = resources.service(place, service, on=True)
        name = f"//serviceusage.googleapis.com/{data['name']}"
        yield Asset("serviceusage.googleapis.com/Service", name, place, data, project.age)
    for agent in project.agents:
        data = resources.engine(world, place, agent)
        name = f"//aiplatform.googleapis.com/{data['name']}"
        yield Asset(
            "aiplatform.googleapis.com/ReasoningEngine",
            name,
            place,
            data,
            agent.age,
            labels=agent.labels,
        )
    for row in project.resources:
        yield Asset(
            row.type, row.name, place, row.data, row.age, policy=row.bindings, labels=row.labels
        )

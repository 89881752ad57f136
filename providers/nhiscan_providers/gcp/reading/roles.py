"""What a role allows: its classes of action, its weight, and how it lets one act as an account.

Predefined roles stand in roles.json with their source; what is not there is read by its name, and
what the name does not tell is unknown. Custom roles are read from their permissions.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

from nhiscan.records import ActionClass, Privilege, Way

# Permissions by which one becomes a service account (IAM: "Roles for service account
# authentication"), and how.
BECOMING: Mapping[str, str] = {
    "iam.serviceAccounts.getAccessToken": "makes access tokens",
    "iam.serviceAccounts.getOpenIdToken": "makes identity tokens",
    "iam.serviceAccounts.signJwt": "signs tokens",
    "iam.serviceAccounts.signBlob": "signs anything",
    "iam.serviceAccounts.implicitDelegation": "passes on its right to make tokens",
    "iam.serviceAccounts.actAs": "runs workloads as it",
    "iam.serviceAccounts.setIamPolicy": "may grant itself the right",
    "iam.serviceAccountKeys.create": "makes keys of it",
    "iam.serviceAccountApiKeyBindings.create": "binds API keys to it",
}
# How each of these is used: only tokens and signatures make one the account as things stand.
_WAYS: Mapping[str, tuple[Way, ...]] = {
    "makes access tokens": ("assume",),
    "makes identity tokens": ("assume",),
    "signs tokens": ("assume",),
    "signs anything": ("assume",),
    "passes on its right to make tokens": ("assume",),
    "runs workloads as it": ("passed_role",),
    "may grant itself the right": ("changed_trust",),
    "makes keys of it": ("new_credential",),
    "binds API keys to it": ("new_credential",),
    # but tokens: Google's basic roles are not known to make any
    "may do everything in its scope": ("new_credential", "changed_trust", "passed_role"),
}
# Permissions that start a workload as an account, which takes `actAs` on the account besides.
_STARTS = frozenset(
    {
        "aiplatform.customJobs.create",
        "aiplatform.pipelineJobs.create",
        "aiplatform.reasoningEngines.create",
        "appengine.versions.create",
        "batch.jobs.create",
        "cloudbuild.builds.create",
        "cloudfunctions.functions.create",
        "cloudfunctions.functions.update",
        "cloudscheduler.jobs.create",
        "cloudtasks.tasks.create",
        "composer.environments.create",
        "compute.instanceTemplates.create",
        "compute.instances.create",
        "compute.instances.setServiceAccount",
        "config.deployments.create",
        "container.clusters.create",
        "container.nodePools.create",
        "dataflow.jobs.create",
        "dataform.workflowInvocations.create",
        "datafusion.instances.create",
        "dataproc.batches.create",
        "dataproc.clusters.create",
        "deploymentmanager.deployments.create",
        "eventarc.triggers.create",
        "notebooks.instances.create",
        "run.jobs.create",
        "run.jobs.update",
        "run.services.create",
        "run.services.update",
        "tpu.nodes.create",
        "workflows.workflows.create",
        "workstations.workstationConfigs.create",
    }
)
_STARTERS = frozenset(
    f"roles/{name}"
    for name in (
        "admin", "editor", "owner", "writer", "aiplatform.admin", "aiplatform.user",
        "appengine.appAdmin", "appengine.deployer", "batch.jobsEditor", "cloudbuild.builds.builder",
        "cloudbuild.builds.editor", "cloudfunctions.admin", "cloudfunctions.developer",
        "cloudscheduler.admin", "composer.admin", "compute.admin", "compute.instanceAdmin",
        "compute.instanceAdmin.v1", "config.admin", "container.admin", "container.clusterAdmin",
        "dataflow.admin", "dataflow.developer", "dataproc.admin", "dataproc.editor",
        "deploymentmanager.editor", "notebooks.admin", "run.admin", "run.developer",
        "workflows.admin", "workflows.editor",
    )
)  # fmt: skip
_FEDERATES = frozenset(
    f"{prefix}workloadIdentityPoolProviders.{verb}"
    for prefix in ("iam.", "iam.googleapis.com/")
    for verb in ("create", "update")
)
_FEDERATORS = frozenset({"roles/admin", "roles/iam.workloadIdentityPoolAdmin", "roles/owner"})
# Who may change an allow policy of a project or above may give itself everything.
_ESCALATES = frozenset(
    {
        "resourcemanager.organizations.setIamPolicy",
        "resourcemanager.folders.setIamPolicy",
        "resourcemanager.projects.setIamPolicy",
        "iam.roles.update",
    }
)
# How the verbs of permissions that only look begin; `use` is to have a project pay for a call.
_READS = ("get", "list", "search", "query", "view", "read", "export", "test")
_USES = frozenset({"serviceusage.services.use", "apikeys.keys.lookup"})
_KEY_STRING = "apikeys.keys.getKeyString"
_BY_SERVICE: Mapping[str, ActionClass] = {
    "iam": "iam",
    "logging": "log",
    "cloudkms": "key",
    "secretmanager": "key",
    "backupdr": "backup",
    "cloudbuild": "deploy",
    "clouddeploy": "deploy",
    "run": "deploy",
    "cloudfunctions": "deploy",
    "securitycenter": "incident",
    "bigquery": "data",
    "storage": "data",
    "spanner": "data",
    "datastore": "data",
    "firestore": "data",
    "pubsub": "data",
}
_RANK: Mapping[Privilege, int] = {"none": 0, "unknown": 1, "read": 2, "write": 3, "admin": 4}


class Role(Struct, frozen=True, kw_only=True):
    """What a role means; `becomes` says how it lets one act as a service account, else null.

    `ways` says the same for the graph. `starts`: whether it starts workloads, null if that is not
    told; `federates`: whether it adds providers to pools. `known` is false where neither the table,
    the name nor the permissions tell.
    """

    name: str
    classes: tuple[ActionClass, ...]
    privilege: Privilege
    becomes: str | None = None
    purposeful: bool = False
    known: bool = True
    actions: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    starts: bool | None = False
    federates: bool = False


def highest(found: Iterable[Privilege]) -> Privilege:
    """Return the heaviest of several privileges; none if there is none.

    Unknown weighs more than none, and less than what is surely had.
    """
    return max(found, key=_RANK.__getitem__, default="none")


@cache
def table() -> dict[str, Role]:
    """Read roles.json."""
    raw = json.loads(Path(__file__).with_name("roles.json").read_text(encoding="utf-8"))
    return {
        name: Role(
            name=name,
            classes=tuple(row["classes"]),
            privilege=row["privilege"],
            becomes=row.get("becomes"),
            purposeful=row.get("purposeful", False),
            ways=_ways(row.get("becomes")),
            starts=name in _STARTERS,
            federates=name in _FEDERATORS,
        )
        for name, row in raw["roles"].items()
    }


def read_role(name: str, custom: Mapping[str, frozenset[str] | None]) -> Role:
    """Read a role by its name; `custom` holds the permissions of custom roles, null if disabled."""
    known = table().get(name)
    if known is not None:
        return known
    if name in custom:
        permissions = custom[name]
        return _of_permissions(name, permissions or frozenset())
    if name.startswith("roles/"):
        return _by_name(name)
    return Role(name=name, classes=("read",), privilege="unknown", known=False, starts=None)


def _ways(becomes: str | None) -> tuple[Way, ...]:
    parts = becomes.split(", ") if becomes else ()
    return tuple(dict.fromkeys(way for part in parts for way in _WAYS[part]))


def _of_permissions(name: str, permissions: frozenset[str]) -> Role:
    classes = {_class(permission) for permission in permissions}
    becomes = sorted({BECOMING[one] for one in permissions if one in BECOMING})
    ways = _ways(", ".join(becomes))
    # The policy of a project, or above it, is part of whom its accounts trust.
    rewrites = any(one.endswith("setIamPolicy") for one in permissions & _ESCALATES)
    privilege: Privilege = "none"
    if permissions & _ESCALATES:
        privilege = "admin"
    elif classes - {"read"}:
        privilege = "write"
    elif permissions:
        privilege = "read"
    return Role(
        name=name,
        classes=tuple(sorted(classes)),
        privilege=privilege,
        becomes=", ".join(becomes) or None,
        purposeful=bool(becomes),
        actions=tuple(sorted(permissions))[:50],
        ways=tuple(dict.fromkeys((*ways, "changed_trust"))) if rewrites else ways,
        starts=bool(permissions & _STARTS),
        federates=bool(permissions & _FEDERATES),
    )


def _class(permission: str) -> ActionClass:
    service, _, rest = permission.removeprefix("iam.googleapis.com/").partition(".")
    verb = rest.rpartition(".")[2] or rest
    if permission in _ESCALATES or verb == "setIamPolicy" or permission in BECOMING:
        return "iam"
    if permission == _KEY_STRING:
        return "key"
    secret = service == "secretmanager" and verb == "access"
    if permission in _USES or (verb.startswith(_READS) and not secret):
        return "read"
    return _BY_SERVICE.get(service, "write")


def _by_name(name: str) -> Role:
    """Read a predefined role by how Google names roles: service.levelOfPower."""
    service, _, level = name.removeprefix("roles/").rpartition(".")
    low = level.lower()
    kind = _BY_SERVICE.get(service.partition(".")[0], "write")
    starts = True if name in _STARTERS else None
    if low.endswith("serviceagent"):
        return Role(name=name, classes=(kind,), privilege="write", starts=None)
    if low.endswith(("viewer", "reader", "browser", "auditor", "reviewer", "getter")):
        return Role(name=name, classes=("read",), privilege="read")
    if low.endswith(("admin", "owner", "editor", "writer", "creator", "developer", "publisher")):
        return Role(name=name, classes=(kind,), privilege="write", starts=starts)
    if low.endswith(("user", "subscriber", "invoker", "accessor", "agent", "operator", "manager")):
        return Role(name=name, classes=(kind,), privilege="write", starts=starts)
    return Role(name=name, classes=(kind,), privilege="unknown", known=False, starts=None)

"""Every resource as its own API shows it."""

import base64
from datetime import timedelta
from typing import Any

from nhiscan_sandbox.estate.gcp_model import (
    Agent,
    ApiKey,
    Binding,
    Contact,
    Folder,
    GoogleOrganization,
    HmacKey,
    Pool,
    PoolProvider,
    Project,
    Role,
    ServiceAccountKey,
)
from nhiscan_sandbox.gcp.world import (
    Account,
    Place,
    World,
    digest,
    key_id,
    position,
    present,
    project_of,
    stamp,
    uuid,
)

# What the API writes for a key that never expires.
NEVER = "9999-12-31T23:59:59Z"
_DISABLE = "SERVICE_ACCOUNT_KEY_DISABLE_REASON_"
_STATUS = "SERVICE_ACCOUNT_KEY_EXTENDED_STATUS_KEY_"


def service_account(account: Account) -> dict[str, Any]:
    """Return `iam.v1` ServiceAccount; like the API, without labels or a creation time."""
    return present(
        name=account.name,
        projectId=account.project.id,
        uniqueId=account.unique_id,
        email=account.email,
        displayName=account.row.title,
        description=account.row.description,
        oauth2ClientId=account.unique_id,
        disabled=account.row.disabled,
        etag=_etag(account.email),
    )


def service_account_key(world: World, account: Account, key: ServiceAccountKey) -> dict[str, Any]:
    """Return `iam.v1` ServiceAccountKey."""
    ends = NEVER if key.expires is None else world.ago(-key.expires)
    exposed = [{"key": _STATUS + "EXPOSED", "value": key.exposed}] if key.exposed else []
    return present(
        name=f"{account.name}/keys/{key_id(account, key)}",
        keyAlgorithm="KEY_ALG_RSA_2048",
        keyOrigin="USER_PROVIDED" if key.uploaded else "GOOGLE_PROVIDED",
        keyType="SYSTEM_MANAGED" if key.managed_by_google else "USER_MANAGED",
        validAfterTime=world.ago(key.age),
        validBeforeTime=ends,
        disabled=key.disabled is not None,
        disableReason=key.disabled and _DISABLE + key.disabled,
        extendedStatus=exposed,
    )


def policy(rows: tuple[Binding, ...]) -> dict[str, Any]:
    """Return `iam.v1` Policy."""
    made = [
        present(
            role=row.role,
            members=list(row.members),
            condition=row.condition
            and {"title": row.condition.title, "expression": row.condition.expression},
        )
        for row in rows
    ]
    version = 3 if any(row.condition for row in rows) else 1
    return present(version=version, etag=_etag(str(made)), bindings=made)


def role(name: str, row: Role, permissions: frozenset[str] | None) -> dict[str, Any]:
    """Return `iam.v1` Role; `permissions` null leaves them out, as the basic view does."""
    return present(
        name=name,
        title=row.title or row.name,
        stage=row.stage,
        deleted=row.deleted,
        includedPermissions=sorted(permissions) if permissions else None,
        etag=_etag(name),
    )


def pool_name(project: Place, pool: Pool) -> str:
    """Return the name of a pool; it holds the project's number."""
    return f"{project.name}/locations/global/workloadIdentityPools/{pool.name}"


def pool(project: Place, row: Pool) -> dict[str, Any]:
    """Return `iam.v1` WorkloadIdentityPool."""
    return present(
        name=pool_name(project, row),
        displayName=row.title,
        mode=row.mode,
        state="DELETED" if row.deleted else "ACTIVE",
        disabled=row.disabled,
    )


def provider(project: Place, of: Pool, row: PoolProvider) -> dict[str, Any]:
    """Return `iam.v1` WorkloadIdentityPoolProvider; it stays ACTIVE in a disabled pool."""
    oidc = row.issuer and present(issuerUri=row.issuer, allowedAudiences=list(row.audiences))
    return present(
        name=f"{pool_name(project, of)}/providers/{row.name}",
        displayName=row.name,
        state="DELETED" if row.deleted else "ACTIVE",
        disabled=row.disabled,
        attributeMapping=row.mapping,
        attributeCondition=row.condition,
        oidc=oidc,
        aws=row.aws and {"accountId": row.aws},
        saml={"idpMetadataXml": "<EntityDescriptor/>"} if row.saml else None,
    )


def api_key_uid(project: Place, row: ApiKey) -> str:
    """Return the id of an API key, which is not its secret string."""
    return uuid("api key", project.name, str(position(project_of(project).api_keys, row)))


def api_key(world: World, project: Place, row: ApiKey) -> dict[str, Any]:
    """Return `apikeys.v2` V2Key, without the key string, as lists do."""
    uid = api_key_uid(project, row)
    restrictions = present(
        apiTargets=[{"service": service} for service in row.services],
        browserKeyRestrictions=row.referrers and {"allowedReferrers": list(row.referrers)},
        serverKeyRestrictions=row.addresses and {"allowedIps": list(row.addresses)},
    )
    return present(
        name=f"{project.name}/locations/global/keys/{uid}",
        uid=uid,
        displayName=row.title,
        createTime=world.ago(row.age),
        updateTime=world.ago(row.age),
        deleteTime=None if row.deleted is None else world.ago(row.deleted),
        restrictions=restrictions,
        serviceAccountEmail=row.service_account,
        etag=_etag(uid),
    )


def hmac_key(world: World, account: Account, row: HmacKey) -> dict[str, Any]:
    """Return `storage.v1` HmacKeyMetadata; the secret is shown only when a key is made."""
    place = position(account.row.hmac_keys, row)
    access = "GOOG1E" + digest("hmac", account.email, str(place), length=55).upper()
    made = (world.now - timedelta(days=row.age)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "kind": "storage#hmacKeyMetadata",
        "id": f"{account.project.id}/{access}",
        "accessId": access,
        "projectId": account.project.id,
        "serviceAccountEmail": account.email,
        "state": row.state,
        "timeCreated": made,
        "updated": made,
        "etag": _etag(access),
    }


def contact(world: World, place: Place, row: Contact) -> dict[str, Any]:
    """Return `essentialcontacts.v1` Contact."""
    number = int(digest("contact", place.name, row.email, length=8), 16)
    return present(
        name=f"{place.name}/contacts/{number}",
        email=row.email,
        notificationCategorySubscriptions=list(row.categories),
        languageTag="en-GB",
        validationState="VALID" if row.valid else "INVALID",
        validateTime=world.ago(row.age),
    )


def place(world: World, here: Place) -> dict[str, Any]:
    """Return `cloudresourcemanager.v3` Organization, Folder or Project."""
    row = here.row
    common = {"name": here.name, "createTime": world.ago(row.age), "etag": _etag(here.name)}
    common |= {"updateTime": world.ago(row.age), "state": "ACTIVE"}
    if isinstance(row, GoogleOrganization):
        return common | {"displayName": row.domain, "directoryCustomerId": row.customer}
    parent = {"parent": here.up.name} if here.up else {}
    if isinstance(row, Folder):
        return common | parent | {"displayName": row.name}
    return common | parent | _project(world, row)


def _project(world: World, row: Project) -> dict[str, Any]:
    leaving = row.state == "DELETE_REQUESTED"
    return present(
        projectId=row.id,
        displayName=row.name or row.id,
        labels=row.labels,
        state=row.state,
        deleteTime=world.ago(5) if leaving else None,
    )


def service(project: Place, name: str, *, on: bool) -> dict[str, Any]:
    """Return `serviceusage.v1` Service."""
    full = f"{name}.googleapis.com"
    return {
        "name": f"{project.name}/services/{full}",
        "parent": project.name,
        "config": {"name": full, "title": name},
        "state": "ENABLED" if on else "DISABLED",
    }


def engine_name(project: Place, row: Agent) -> str:
    """Return the name of an agent's reasoning engine, which ends in a number."""
    number = row.engine or str(int(digest("engine", project.name, row.name), 16) % 10**19)
    return f"{project.name}/locations/{row.location}/reasoningEngines/{number}"


def agent_principal(project: Place, row: Agent) -> str:
    """Return the identity of an agent that has its own, without `principal://`."""
    top = project.organization
    number = top.row.number if top and isinstance(top.row, GoogleOrganization) else "0"
    return (
        f"agents.global.org-{number}.system.id.goog/resources/aiplatform/"
        f"{engine_name(project, row)}"
    )


def engine(world: World, project: Place, row: Agent) -> dict[str, Any]:
    """Return `aiplatform.v1` ReasoningEngine."""
    own = row.service_account is None
    spec = present(
        agentFramework=row.framework,
        identityType="AGENT_IDENTITY" if own else "SERVICE_ACCOUNT",
        effectiveIdentity=agent_principal(project, row) if own else row.service_account,
        serviceAccount=row.service_account,
    )
    return present(
        name=engine_name(project, row),
        displayName=row.title or row.name,
        labels=row.labels,
        createTime=world.ago(row.age),
        updateTime=world.ago(row.age),
        spec=spec,
        etag=_etag(row.name),
    )


def agent(world: World, project: Place, row: Agent) -> dict[str, Any]:
    """Return `agentregistry.v1` Agent."""
    system = "agentregistry.googleapis.com/system/"
    who = f"principal://{agent_principal(project, row)}"
    if row.service_account:
        who = f"serviceAccount:{row.service_account}"
    return present(
        name=f"{project.name}/locations/{row.location}/agents/{row.name}",
        uid=uuid("agent", project.name, row.name),
        agentId=f"urn:agent:{project.name}:{row.name}",
        displayName=row.title or row.name,
        location=row.location,
        createTime=world.ago(row.age),
        updateTime=world.ago(row.age),
        attributes={
            f"{system}Framework": {"framework": row.framework},
            f"{system}RuntimeIdentity": {"principal": who},
            f"{system}RuntimeReference": {
                "uri": f"//aiplatform.googleapis.com/{engine_name(project, row)}"
            },
        },
    )


def moment(world: World, days: float) -> str:
    """Return a moment to the day in the US Pacific, as activity records have it."""
    day = world.now - timedelta(days=days)
    return stamp(day.replace(hour=7, minute=0, second=0, microsecond=0))


def _etag(text: str) -> str:
    return base64.b64encode(digest("etag", text, length=12).encode()).decode()


def public_key(account: Account, key: ServiceAccountKey) -> dict[str, str]:
    """Return the public half of a key; `material` makes the same one appear in several places."""
    from nhiscan_sandbox.gcp.certificate import certificate

    seed = key.material or key_id(account, key)
    return {"publicKeyData": base64.b64encode(certificate(seed)).decode()}

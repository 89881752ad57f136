"""Which conclusions rest on which source of Google: without it, only *unknown* can be said."""

from collections.abc import Mapping

from nhiscan.provider import Premise, Topic

ACCOUNT, AGENT = "gcp.service_account", "gcp.agent"
SERVICE_AGENT, FEDERATED = "gcp.service_agent", "gcp.federated_principal"
POOL, API_KEY = "gcp.workload_pool", "gcp.api_key"


def _rests(what: str, *pairs: tuple[Topic, str | None]) -> tuple[Premise, ...]:
    return tuple(Premise(topic=topic, native_type=of, what=what) for topic, of in pairs)


# Entry (iamcredentials.token) stands here for nothing on purpose: without it nothing can be said.
# The inventory has a row of its own, but what is missed without it is said by the other sources.
PREMISES: Mapping[str, tuple[Premise, ...]] = {
    "iamcredentials.token": _rests("the organization or project", ("accounts", None)),
    "resourcemanager.projects": _rests("projects", ("accounts", None)),
    "cloudasset.inventory": _rests("tags of service accounts", ("owners", ACCOUNT)),
    "iam.service_accounts": _rests("service accounts", ("identities", ACCOUNT)),
    "iam.keys": _rests("keys of service accounts", ("credentials", ACCOUNT)),
    "iam.key_status": _rests("details of keys", ("key_ids", ACCOUNT)),
    "iam.policies": _rests(
        "allow policies",
        ("identities", FEDERATED),
        ("trusts", ACCOUNT),
        ("privilege", ACCOUNT),
        ("privilege", FEDERATED),
        ("privilege", SERVICE_AGENT),
    ),
    "iam.roles": _rests("custom roles", ("privilege", None)),
    "iam.workload_pools": _rests(
        "workload identity pools", ("identities", POOL), ("credentials", POOL), ("trusts", POOL)
    ),
    "apikeys.keys": _rests("API keys", ("identities", API_KEY), ("credentials", API_KEY)),
    "storage.hmac_keys": _rests("HMAC keys", ("credentials", ACCOUNT)),
    "policyanalyzer.activities": _rests("last authentications", ("usage", ACCOUNT)),
    "essentialcontacts.contacts": _rests("essential contacts", ("owners", None)),
    "logging.creators": _rests("creators", ("owners", None)),
    "aiplatform.agents": _rests("agents on Vertex AI", ("identities", AGENT)),
}

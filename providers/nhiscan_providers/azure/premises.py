"""Which conclusions rest on which source of Microsoft: without it, only *unknown* can be said."""

from collections.abc import Mapping

from nhiscan.provider import Premise, Topic

APPLICATION, PRINCIPAL = "azure.application", "azure.service_principal"
MANAGED, LEGACY = "azure.managed_identity", "azure.legacy_principal"
AGENT, BLUEPRINT = "azure.agent_identity", "azure.agent_blueprint"
STORAGE, LIGHTHOUSE, GDAP = "azure.storage_account", "azure.lighthouse", "azure.gdap"
PROVIDER, FOREIGN, USER = "azure.service_provider", "azure.foreign_principal", "azure.user"
STORED = (
    "azure.automation_certificate",
    "azure.automation_connection",
    "azure.automation_credential",
)
PRINCIPALS = (PRINCIPAL, MANAGED, LEGACY, AGENT)


def _rests(what: str, topic: Topic, *types: str | None) -> tuple[Premise, ...]:
    return tuple(Premise(topic=topic, native_type=of, what=what) for of in types or (None,))


# Entry (entra.token) stands here for nothing on purpose: without it nothing at all can be said.
PREMISES: Mapping[str, tuple[Premise, ...]] = {
    "graph.organization": _rests("contacts of the directory", "owners"),
    "graph.applications": (
        _rests("app registrations", "identities", APPLICATION, BLUEPRINT)
        + _rests("secrets and certificates", "credentials", APPLICATION, BLUEPRINT)
        + _rests("registrations behind service principals", "trusts", PRINCIPAL)
    ),
    "graph.application_owners": (
        _rests("owners of app registrations", "owners", APPLICATION, PRINCIPAL, BLUEPRINT)
        + _rests("owners of app registrations", "trusts", APPLICATION)
    ),
    "graph.service_principals": (
        _rests("service principals", "identities", *PRINCIPALS)
        + _rests("secrets and certificates", "credentials", *PRINCIPALS)
        + _rests("service principals", "trusts", *PRINCIPALS)
        + _rests("service principals", "privilege", *PRINCIPALS)
        + _rests("service principals", "usage", *PRINCIPALS)
    ),
    "graph.service_principal_owners": (
        _rests("owners of service principals", "owners", PRINCIPAL, APPLICATION)
        + _rests("owners of service principals", "trusts", PRINCIPAL)
    ),
    "graph.federated_credentials": (
        _rests("federated credentials", "credentials", APPLICATION)
        + _rests("federated credentials", "trusts", APPLICATION)
    ),
    "graph.app_roles": _rests("application permissions", "privilege", *PRINCIPALS, APPLICATION),
    "graph.delegated_grants": _rests(
        "delegated permissions", "privilege", PRINCIPAL, APPLICATION, AGENT
    ),
    "graph.directory_roles": _rests("directory roles", "privilege", *PRINCIPALS, APPLICATION),
    "graph.eligible_roles": _rests("eligible directory roles", "privilege", *PRINCIPALS),
    "graph.role_requests": _rests("requests for roles", "owners", *PRINCIPALS),
    "graph.sign_ins": _rests("sign-ins of applications", "usage", *PRINCIPALS, APPLICATION),
    "graph.credential_sign_ins": _rests(
        "use of secrets and certificates", "usage", APPLICATION, PRINCIPAL
    ),
    "graph.audit": _rests("creators and consent", "owners"),
    "graph.agents": (
        _rests("AI agents", "identities", AGENT) + _rests("sponsors", "owners", AGENT, BLUEPRINT)
    ),
    "graph.group_members": _rests("members of groups with roles", "privilege", *PRINCIPALS),
    "graph.people": _rests("owners' accounts", "owners", *PRINCIPALS, APPLICATION),
    "graph.users": _rests("user accounts of machines", "identities", USER),
    "graph.cross_tenant": (
        _rests("service providers let in", "identities", PROVIDER)
        + _rests("service providers let in", "trusts", PROVIDER)
    ),
    "graph.gdap": (
        _rests("delegated admin relationships", "identities", GDAP)
        + _rests("delegated admin relationships", "privilege", GDAP)
        + _rests("delegated admin relationships", "credentials", GDAP)
    ),
    "arm.subscriptions": (
        _rests("subscriptions", "accounts")
        + _rests("subscriptions", "identities", STORAGE, LIGHTHOUSE, FOREIGN, *STORED)
        + _rests("subscriptions", "privilege", *PRINCIPALS, APPLICATION)
    ),
    "arm.identities": _rests("workloads and their tags", "owners", MANAGED),
    "arm.role_assignments": (
        _rests("Azure roles", "privilege", *PRINCIPALS, APPLICATION)
        + _rests("Azure roles", "identities", FOREIGN)
        + _rests("Azure roles", "trusts", FOREIGN)
    ),
    "arm.eligible_roles": _rests("eligible Azure roles", "privilege", *PRINCIPALS),
    "arm.deny_assignments": _rests("deny assignments", "privilege", *PRINCIPALS),
    "arm.delegations": (
        _rests("delegations", "identities", LIGHTHOUSE)
        + _rests("delegations", "trusts", LIGHTHOUSE)
    ),
    "arm.federated_credentials": (
        _rests("federated credentials", "credentials", MANAGED)
        + _rests("federated credentials", "trusts", MANAGED)
    ),
    "arm.stored": (
        _rests("storage accounts", "identities", STORAGE)
        + _rests("storage accounts", "credentials", STORAGE)
    ),
    "arm.automation": (
        _rests("Automation accounts", "identities", *STORED)
        + _rests("Automation accounts", "credentials", *STORED)
    ),
}

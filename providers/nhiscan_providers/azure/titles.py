"""What each source is called, what it feeds, and what cannot be said without it."""

from collections.abc import Mapping

from nhiscan.provider import Title

ENTRY = "entra.token"
DIRECTORIES = "entry.directories"


TITLES: Mapping[str, Title] = {
    DIRECTORIES: Title(
        title="Directories of the entry", feeds=(), blind="which directories belong to the entry"
    ),
    ENTRY: Title(title="Sign-in to the directory", feeds=(), blind="anything about the directory"),
    "graph.organization": Title(
        title="Directory and licences",
        feeds=("claim",),
        blind="whom the directory names as its contacts",
    ),
    "graph.applications": Title(
        title="App registrations",
        feeds=("identity", "credential", "trust"),
        blind="which app registrations exist, and their secrets and certificates",
    ),
    "graph.application_owners": Title(
        title="Owners of app registrations",
        feeds=("claim", "trust"),
        blind="who owns an app registration",
    ),
    "graph.service_principals": Title(
        title="Service principals",
        feeds=("identity", "credential", "trust"),
        blind="which service principals and managed identities exist, and their credentials",
    ),
    "graph.service_principal_owners": Title(
        title="Owners of service principals",
        feeds=("claim", "trust", "identity"),
        blind="who owns a service principal",
    ),
    "graph.federated_credentials": Title(
        title="Federated credentials of applications",
        feeds=("credential", "trust"),
        blind="which outside workloads may sign in as an application",
    ),
    "graph.app_roles": Title(
        title="Application permissions",
        feeds=("grant", "identity", "trust"),
        blind="which application permissions a service principal holds",
    ),
    "graph.delegated_grants": Title(
        title="Delegated permissions",
        feeds=("grant", "identity", "trust"),
        blind="what applications may do on behalf of users",
    ),
    "graph.directory_roles": Title(
        title="Directory roles",
        feeds=("grant", "identity", "trust"),
        blind="which directory roles a service principal holds",
    ),
    "graph.eligible_roles": Title(
        title="Eligible directory roles",
        feeds=("grant", "identity", "trust"),
        blind="which directory roles a service principal could activate",
    ),
    "graph.role_requests": Title(
        title="Requests for directory roles",
        feeds=("claim",),
        blind="who asked for a role, and under which ticket",
        optional=True,
        sliding=True,
        window_days=30,
    ),
    "graph.sign_ins": Title(
        title="Last sign-in of applications",
        feeds=("usage",),
        blind="when an application last signed in",
    ),
    "graph.credential_sign_ins": Title(
        title="Last use of secrets and certificates",
        feeds=("usage",),
        blind="when a secret or certificate was last used",
    ),
    "graph.audit": Title(
        title="Creators and consent",
        feeds=("claim",),
        blind="who created an application, or consented to it",
        sliding=True,
        window_days=30,
    ),
    "graph.agents": Title(
        title="AI agents and their sponsors",
        feeds=("identity", "claim"),
        blind="which AI agents exist and who sponsors them",
    ),
    "graph.group_members": Title(
        title="Service principals in groups with roles",
        feeds=("grant", "identity", "trust"),
        blind="which roles a service principal holds through a group",
        optional=True,
    ),
    "graph.people": Title(
        title="Owners' accounts and managers",
        feeds=("claim",),
        blind="whether an owner's account still works, and who their manager is",
        optional=True,
    ),
    "graph.users": Title(
        title="User accounts of machines",
        feeds=("identity", "usage"),
        blind="which user accounts are used by machines",
        optional=True,
    ),
    "graph.cross_tenant": Title(
        title="Service providers let in",
        feeds=("identity", "trust"),
        blind="which service providers the directory lets in",
    ),
    "graph.gdap": Title(
        title="Rights delegated by customers (GDAP)",
        feeds=("identity", "grant", "credential"),
        blind="which rights customers delegated to this partner",
    ),
    "arm.subscriptions": Title(
        title="Subscriptions", feeds=("account",), blind="which subscriptions exist"
    ),
    "arm.identities": Title(
        title="Managed identities and their workloads",
        feeds=(),
        blind="which workloads use a managed identity, and their tags",
    ),
    "arm.role_assignments": Title(
        title="Azure roles",
        feeds=("grant", "identity"),
        blind="which Azure roles a principal holds",
    ),
    "arm.eligible_roles": Title(
        title="Eligible Azure roles",
        feeds=("grant",),
        blind="which Azure roles a principal could activate",
        optional=True,
    ),
    "arm.deny_assignments": Title(
        title="Deny assignments",
        feeds=(),
        blind="what is forbidden in spite of a role",
        optional=True,
    ),
    "arm.delegations": Title(
        title="Delegations through Azure Lighthouse",
        feeds=("identity", "trust", "grant"),
        blind="which other directories may manage the subscriptions",
    ),
    "arm.federated_credentials": Title(
        title="Federated credentials of managed identities",
        feeds=("credential", "trust"),
        blind="which outside workloads may sign in as a managed identity",
        optional=True,
    ),
    "arm.stored": Title(
        title="Storage accounts and their keys",
        feeds=("identity", "credential"),
        blind="how old the keys of storage accounts are",
    ),
    "arm.automation": Title(
        title="What Automation accounts keep",
        feeds=("identity", "credential"),
        blind="which certificates and credentials Automation accounts keep",
    ),
}

"""Prints what must be granted, from the table of calls: nothing that is not called is in it."""

import json
from collections.abc import Iterable

from nhiscan.errors import UsageError
from nhiscan_providers.azure.calls import OPERATIONS, Operation, Party
from nhiscan_providers.azure.reading.permissions import app_role_id

FORMS = ("manifest", "role", "consent")
_GRAPH = "00000003-0000-0000-c000-000000000000"


def render(form: str | None = None) -> str:
    """Print one form.

    `manifest`: the `requiredResourceAccess` of the application's manifest. `role`: a custom role of
    Azure. `consent`: the steps that a client's administrator takes, as text.
    """
    match form or FORMS[0]:
        case "manifest":
            return _json(_manifest())
        case "role":
            return _json(_role())
        case "consent":
            return _consent()
    raise UsageError(f"azure has no form of permissions named {form!r}", hint=", ".join(FORMS))


def permissions(party: Party = "client") -> tuple[str, ...]:
    """List the application permissions of Microsoft Graph that a party must grant, sorted."""
    return _names(one for one in OPERATIONS if one.api == "graph" and one.party == party)


def actions() -> tuple[str, ...]:
    """List the actions of the custom role in Azure, sorted."""
    return _names(one for one in OPERATIONS if one.api == "arm")


def _names(some: Iterable[Operation]) -> tuple[str, ...]:
    return tuple(sorted({one.permission for one in some}))


def _json(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"


def _manifest() -> dict[str, object]:
    names = permissions("client")
    return {
        "signInAudience": "AzureADMultipleOrgs",
        "requiredResourceAccess": [
            {
                "resourceAppId": _GRAPH,
                "resourceAccess": [
                    {"id": app_role_id(name), "type": "Role", "value": name} for name in names
                ],
            }
        ],
    }


def _role() -> dict[str, object]:
    return {
        "Name": "nhiscan",
        "IsCustom": True,
        "Description": "Lets nhiscan read identities, roles and delegations; no keys, no secrets",
        "Actions": list(actions()),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": ["/providers/Microsoft.Management/managementGroups/TENANT_ID"],
    }


def _consent() -> str:
    return (
        "How a client lets nhiscan read its Microsoft tenant. All of it is read-only.\n\n"
        "1. Microsoft Graph. A Privileged Role Administrator of the client opens\n"
        "   https://login.microsoftonline.com/TENANT_ID/adminconsent?client_id=CLIENT_ID\n"
        "   and accepts these application permissions:\n"
        f"{_reasons('client')}\n"
        "2. Azure, if the client has any. An Owner or User Access Administrator of the root\n"
        "   management group makes the custom role and assigns it to the application there:\n"
        "   nhiscan permissions azure --form role > nhiscan-role.json\n"
        "   az role definition create --role-definition nhiscan-role.json\n"
        "   az role assignment create --assignee CLIENT_ID --role nhiscan \\\n"
        "     --scope /providers/Microsoft.Management/managementGroups/TENANT_ID\n"
        "   A client without Azure gets `resource_manager: false` in nhiscan.yaml instead.\n\n"
        "3. Prove it: nhiscan check\n\n"
        "In the MSP's own partner tenant alone (`partner: true`), step 1 also grants:\n"
        f"{_reasons('partner')}"
    )


def _reasons(party: Party) -> str:
    lines = []
    for name in permissions(party):
        reasons = [
            one.why
            for one in OPERATIONS
            if one.permission == name and one.api == "graph" and one.party == party
        ]
        lines.append(f"   - {name}\n")
        lines += [f"       {reason}\n" for reason in reasons]
    return "".join(lines)

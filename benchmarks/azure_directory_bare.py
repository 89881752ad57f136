"""The least that reads a directory: the same pages as a scan, by azure-core, and nothing else.

`python benchmarks/azure_directory_bare.py ENDPOINT CA DIRECTORY CLIENT_ID SECRET_FILE`; what the
benchmark compares with.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from azure.core import PipelineClient
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest
from azure.identity import ClientSecretCredential

APPLICATION = (
    "id,appId,displayName,createdDateTime,signInAudience,publisherDomain,verifiedPublisher,"
    "passwordCredentials,keyCredentials,appRoles,tags,notes,serviceManagementReference,"
    "servicePrincipalLockConfiguration,createdByAppId,disabledByMicrosoftStatus"
)
PRINCIPAL = (
    "id,appId,appDisplayName,displayName,appOwnerOrganizationId,servicePrincipalType,"
    "accountEnabled,alternativeNames,createdDateTime,passwordCredentials,keyCredentials,"
    "preferredSingleSignOnMode,preferredTokenSigningKeyThumbprint,notificationEmailAddresses,"
    "replyUrls,signInAudience,tags,notes,verifiedPublisher,appRoleAssignmentRequired,"
    "createdByAppId,disabledByMicrosoftStatus"
)
OWNER = "id,displayName,userPrincipalName,mail,accountEnabled,userType"
MANAGER = "manager($select=id,displayName,userPrincipalName,mail)"
ACTIVITIES = (
    "Add application",
    "Add service principal",
    "Consent to application",
    "Update application \u2013 Certificates and secrets management",
    "Add service principal credentials",
    "Add app role assignment to service principal",
    "Add delegated permission grant",
)
FEDERATED = "federatedIdentityCredentials($select=id,name,issuer,subject,audiences)"
LISTS = (
    "oauth2PermissionGrants?$top=999",
    "roleManagement/directory/roleAssignments?$expand=principal",
    "roleManagement/directory/roleDefinitions",
    "roleManagement/directory/roleEligibilityScheduleInstances?$expand=principal",
    "roleManagement/directory/roleAssignmentScheduleRequests",
    "servicePrincipals/microsoft.graph.agentIdentity?$top=100&$select=id",
    "users?$top=100&$filter=startswith(userPrincipalName,'Sync_')",
    "policies/crossTenantAccessPolicy/partners",
)
REPORTS = ("servicePrincipalSignInActivities", "appCredentialSignInActivities")
TABLES = (
    "resources | where isnotempty(identity) or type =~ "
    "'microsoft.managedidentity/userassignedidentities' | project id, name, type, tags",
    "resources | where type in~ ('microsoft.storage/storageaccounts',"
    "'microsoft.automation/automationaccounts') | project id, name, type",
    "authorizationresources | where type =~ 'microsoft.authorization/roleassignments'"
    " | project id, type, properties",
    "managedservicesresources | project id, type, properties",
    "resources | where type =~ 'microsoft.managedidentity/userassignedidentities/"
    "federatedidentitycredentials' | project id, name, properties",
)
BELOW = {
    "microsoft.managedidentity/userassignedidentities": (
        "federatedIdentityCredentials?api-version=2023-01-31",
    ),
    "microsoft.automation/automationaccounts": tuple(
        f"{kind}?api-version=2023-11-01" for kind in ("certificates", "credentials", "connections")
    ),
}
OF_SUBSCRIPTION = (
    "permissions?api-version=2022-04-01",
    "roleEligibilityScheduleInstances?api-version=2020-10-01",
    "denyAssignments?api-version=2022-04-01",
)


class Client:
    """Sends requests with a token and parses what comes back."""

    def __init__(self, endpoint: str, ca: str, credential: Any, audience: str) -> None:
        policies = [RetryPolicy(), BearerTokenCredentialPolicy(credential, f"{audience}/.default")]
        transport = RequestsTransport(connection_verify=ca)
        self._client: Any = PipelineClient(endpoint, policies=policies, transport=transport)
        self._endpoint = endpoint

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request and return its JSON."""
        url = path if "://" in path else self._endpoint + quote(path, safe="/?&=$,()':")
        response = self._client.send_request(HttpRequest(method, url, json=body))
        response.raise_for_status()
        return response.json()

    def pages(self, path: str) -> list[Any]:
        """Read a list to its end."""
        held: list[Any] = []
        link: str | None = path
        while link:
            page = self.send("GET", link)
            held += page["value"]
            link = page.get("@odata.nextLink") or page.get("nextLink")
        return held

    def batch(self, paths: Iterable[str]) -> list[Any]:
        """Ask twenty at a time."""
        todo, held = list(paths), []
        for start in range(0, len(todo), 20):
            requests = [
                {"id": str(number), "method": "GET", "url": url}
                for number, url in enumerate(todo[start : start + 20])
            ]
            held += self.send("POST", "/v1.0/$batch", {"requests": requests})["responses"]
        return held


def by_id(path: str, ids: list[str]) -> Iterator[str]:
    """Ask for fifteen objects of a list at a time."""
    for start in range(0, len(ids), 15):
        some = ",".join(f"'{one}'" for one in ids[start : start + 15])
        yield f"{path}&$filter=id%20in%20({some})"


def main(endpoint: str, ca: str, directory: str, client_id: str, secret: str) -> None:
    """Read everything once, and hold what it says."""
    credential = ClientSecretCredential(
        directory,
        client_id,
        Path(secret).read_text().strip(),
        authority=endpoint,
        disable_instance_discovery=True,
        connection_verify=ca,
    )
    arm = Client(endpoint, ca, credential, "https://management.azure.com")
    held = _azure(arm) + _entra(Client(endpoint, ca, credential, "https://graph.microsoft.com"))
    print(len(held))


def _azure(arm: Client) -> list[Any]:
    held = arm.pages("/subscriptions?api-version=2022-12-01")
    ids = [one["subscriptionId"] for one in held]
    options = {"$top": 1000, "resultFormat": "objectArray"}
    rows: dict[str, Any] = {}
    for table in TABLES:
        path = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01"
        body = {"query": table, "options": options, "subscriptions": ids}
        rows |= {row["id"]: row for row in arm.send("POST", path, body)["data"]}
    for row in rows.values():
        for what in BELOW.get(row.get("type", ""), ()):
            held += arm.pages(f"{row['id']}/{what}")
    held += rows.values()
    for one in ids:
        for what in OF_SUBSCRIPTION:
            held += arm.pages(f"/subscriptions/{one}/providers/Microsoft.Authorization/{what}")
    return held


def _entra(graph: Client) -> list[Any]:
    applications = graph.pages(f"/v1.0/applications?$top=999&$select={APPLICATION}")
    principals = graph.pages(f"/v1.0/servicePrincipals?$top=999&$select={PRINCIPAL}")
    held = [*applications, *principals, *graph.pages("/v1.0/organization")]
    for path in LISTS:
        held += graph.pages(f"/v1.0/{path}")
    for report in REPORTS:
        held += graph.pages(f"/beta/reports/{report}?$top=999")
    own = {one["appId"] for one in applications if one["appRoles"]}
    offering = [one["id"] for one in principals if one["appId"] in own] + [
        one["id"] for one in principals if one["appId"].startswith("0000000")
    ]
    held += graph.batch(f"/servicePrincipals/{one}?$select=id,appRoles" for one in offering)
    held += graph.batch(f"/servicePrincipals/{one}/appRoleAssignedTo?$top=999" for one in offering)
    held += graph.batch(
        f"/auditLogs/directoryAudits?$top=999&$filter=activityDisplayName eq '{one}'"
        for one in ACTIVITIES
    )
    return held + _owners(graph, applications, principals)


def _owners(graph: Client, applications: list[Any], principals: list[Any]) -> list[Any]:
    apps = {one["appId"] for one in applications}
    mine = [one["id"] for one in principals if one["appId"] in apps]
    registered = [one["id"] for one in applications]
    expand = f"owners($select={OWNER})"
    held = graph.batch(by_id(f"/applications?$select=id&$expand={expand}", registered))
    people = {
        each["id"]
        for answer in held
        for one in answer["body"]["value"]
        for each in one.get("owners", ())
    }
    held += graph.batch(by_id(f"/applications?$select=id&$expand={FEDERATED}", registered))
    held += graph.batch(by_id(f"/servicePrincipals?$select=id&$expand={expand}", mine))
    held += graph.batch(by_id(f"/users?$select={OWNER}&$expand={MANAGER}", sorted(people)))
    return held


if __name__ == "__main__":
    main(*sys.argv[1:6])

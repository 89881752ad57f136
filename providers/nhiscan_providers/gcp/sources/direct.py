"""Reads one project from the services themselves, where the inventory is refused."""

from typing import Any

from nhiscan.ledger import Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.facts import ApiKey, Contact, Facts, Scope
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.lists import Listing, as_described, listed, read_pages
from nhiscan_providers.gcp.reading.federation import Provider
from nhiscan_providers.gcp.sources import shapes

_CRM = "//cloudresourcemanager.googleapis.com/"
_LEVELS = {"organizations": "organization", "folders": "folder", "projects": "project"}


def read_accounts(access: Access, reading: Reading, project: str, facts: Facts) -> None:
    """List a project's service accounts with the IAM client, 100 a page."""
    token, seen = "", set[str]()
    while True:
        rows, token = access.accounts(reading, project, token)
        reading.pages += 1
        for row in rows:
            facts.add_account(
                shapes.service_account(
                    {
                        "email": row.email,
                        "uniqueId": row.unique_id,
                        "projectId": row.project_id or project,
                        "displayName": row.display_name,
                        "description": row.description,
                        "disabled": row.disabled,
                    }
                )
            )
        if not token:
            return
        if token in seen:
            raise Fault("cut", "iam:ListServiceAccounts: the list does not go on")
        seen.add(token)


def read_keys(access: Access, reading: Reading, account: str, project: str, facts: Facts) -> None:
    """List the user-managed keys of one account, with why they are disabled."""
    page = access.call(
        reading,
        "iam",
        "ListServiceAccountKeys",
        {"name": f"projects/{project}/serviceAccounts/{account}"},
        params={"keyTypes": ("USER_MANAGED",)},
    )
    reading.pages += 1
    facts.keys[account] = []
    with as_described("iam:ListServiceAccountKeys"):
        for row in listed(page.get("keys")):
            key = shapes.key(row)
            if key:
                key.told = True
                facts.keys[account].append(key)


def read_account_policy(
    access: Access, reading: Reading, project: str, account: str, facts: Facts
) -> None:
    """Read who may act as one account, with the IAM client."""
    name = f"projects/{project}/serviceAccounts/{account}"
    rows = access.account_policy(reading, name)
    reading.pages += 1
    scope = Scope(
        name=f"//iam.googleapis.com/{name}",
        level="account",
        id=account,
        place=f"projects/{project}",
    )
    facts.bindings += shapes.bindings(rows, scope)


def read_place_policy(access: Access, reading: Reading, place: str, facts: Facts) -> None:
    """Read the allow policy of a project, folder or organization, named as `projects/ID`."""
    kind, _, number = place.partition("/")
    page = access.call(
        reading,
        "cloudresourcemanager",
        f"GetIamPolicy.{kind}",
        {"resource": place},
        body={"options": {"requestedPolicyVersion": 3}},
    )
    reading.pages += 1
    scope = Scope(name=_CRM + place, level=_LEVELS[kind], id=number, place=place)
    with as_described(f"cloudresourcemanager:GetIamPolicy.{kind}"):
        facts.bindings += shapes.bindings(page.get("bindings"), scope)


def read_roles(access: Access, reading: Reading, parent: str, facts: Facts) -> None:
    """List the custom roles of an organization or project with their permissions."""

    def take(row: dict[str, Any]) -> None:
        name, permissions = shapes.role(row)
        facts.roles[name] = permissions

    params = {"view": "FULL", "showDeleted": "true"}
    listing = Listing(api="iam", name="ListRoles", places={"parent": parent}, params=params)
    read_pages(access, reading, listing, take, facts.roles.clear)


def read_pools(access: Access, reading: Reading, project: str, facts: Facts) -> None:
    """List the workload identity pools of a project and the providers of each."""

    def take(row: dict[str, Any]) -> None:
        facts.pools[row["name"]] = shapes.pool(row, project)

    parent = f"projects/{project}/locations/global"
    read_pages(
        access,
        reading,
        Listing(api="iam", name="ListWorkloadIdentityPools", places={"parent": parent}),
        take,
        facts.pools.clear,
    )
    for name in sorted(facts.pools):
        found: list[Provider] = []
        read_pages(
            access,
            reading,
            Listing(api="iam", name="ListWorkloadIdentityPoolProviders", places={"parent": name}),
            lambda row, found=found: found.append(shapes.provider(row)),  # type: ignore[misc]  # bound now
            found.clear,
        )
        facts.pools[name].providers = found


def read_api_keys(access: Access, reading: Reading, project: str, facts: Facts) -> None:
    """List the API keys of a project with the accounts that they act as."""
    found: list[ApiKey] = []

    def take(row: dict[str, Any]) -> None:
        one = shapes.api_key(row, project)
        one.account_told = True
        found.append(one)

    parent = f"projects/{project}/locations/global"
    listing = Listing(api="apikeys", name="ListKeys", places={"parent": parent})
    read_pages(access, reading, listing, take, found.clear)
    facts.api_keys[project] = found


def read_contacts(access: Access, reading: Reading, place: str, facts: Facts) -> None:
    """List the essential contacts that a project, folder or organization names itself."""
    found: list[Contact] = []

    def take(row: dict[str, Any]) -> None:
        one = shapes.contact(row)
        one.place = place
        found.append(one)

    listing = Listing(api="essentialcontacts", name="ListContacts", places={"parent": place})
    read_pages(access, reading, listing, take, found.clear)
    facts.contacts[place] = found

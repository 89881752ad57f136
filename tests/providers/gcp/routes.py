"""Which method a path of Google's REST surface is for, and the permission that it needs."""

NEEDS = {
    "getOrganization": "resourcemanager.organizations.get",
    "assets": "cloudasset.assets.listResource",
    "searchAllResources": "cloudasset.assets.searchAllResources",
    "searchAllIamPolicies": "cloudasset.assets.searchAllIamPolicies",
    "getKey": "iam.serviceAccountKeys.get",
    "keys": "iam.serviceAccountKeys.list",
    "roles": "iam.roles.list",
    "hmacKeys": "storage.hmacKeys.list",
    "activities:query": "policyanalyzer.serviceAccountLastAuthenticationActivities.query",
    "contacts": "essentialcontacts.contacts.list",
    "entries:list": "logging.logEntries.list",
    "listServiceAccounts": "iam.serviceAccounts.list",
    "getIamPolicyOfAccount": "iam.serviceAccounts.getIamPolicy",
    "batchGetServices": "serviceusage.services.get",
}
ENDS = {
    "assets": "cloudasset", "searchAllResources": "cloudasset",
    "searchAllIamPolicies": "cloudasset", "activities:query": "policyanalyzer",
    "hmacKeys": "storage", "contacts": "essentialcontacts", "workloadIdentityPools": "iam",
    "providers": "iam", "roles": "iam",
}  # fmt: skip


def verb_is_post(method: str) -> bool:
    """Tell whether a list's parameters come in the body."""
    return method == "entries:list"


def route(path: str) -> tuple[str, str, str]:
    """Tell which API and method a path is for, and about what."""
    version, _, rest = path.removeprefix("storage/").partition("/")
    if version == "v3" or rest.endswith((":testIamPermissions", ":getIamPolicy")):
        name, _, action = rest.partition(":")
        if not action:
            return "cloudresourcemanager", "getOrganization", name
        found = f"{name}:{action}" if action == "search" else action
        return "cloudresourcemanager", found, name
    if rest.endswith("services:batchGet"):
        return "serviceusage", "batchGetServices", rest
    if rest == "entries:list":
        return "logging", rest, ""
    if rest.rpartition(":")[2] in ENDS:
        name, _, action = rest.rpartition(":")
        return ENDS[action], action, name
    name, _, last = rest.rpartition("/")
    if last == "keys":
        return ("apikeys" if version == "v2" else "iam"), "keys", name
    if name.endswith("/keys"):
        return "iam", "getKey", rest
    return ENDS.get(last, "?"), last, name

"""Prints what must be granted, from the table of calls: nothing that is not called is in it."""

import json

from nhiscan.errors import UsageError
from nhiscan_providers.gcp.calls import OPERATIONS, Party

FORMS = ("yaml", "json", "terraform", "quota", "scanner")

_ROLE = "nhiscanReader"
_TITLE = "nhiscan reader"
_ABOUT = "Lets nhiscan read identities, credentials by name, and their use"


def render(form: str | None = None) -> str:
    """Print one form.

    `yaml` and `json`: a custom role of the organization, for `gcloud iam roles create --file`.
    `terraform`: that role and its binding. `quota`: a role for a project of elsewhere that pays for
    the calls. `scanner`: what whoever impersonates the scanner's account needs on it.
    """
    match form or FORMS[0]:
        case "yaml":
            return _yaml(("scope", "quota"), _ROLE, _TITLE, _ABOUT)
        case "json":
            return _json(("scope", "quota"))
        case "terraform":
            return _terraform()
        case "quota":
            about = "Lets nhiscan use this project's quota and see which APIs are on"
            return _yaml(("quota",), "nhiscanQuota", "nhiscan quota", about)
        case "scanner":
            about = "Lets the caller become nhiscan's service account"
            return _yaml(("caller",), "nhiscanCaller", "nhiscan caller", about)
    raise UsageError(f"gcp has no form of permissions named {form!r}", hint=", ".join(FORMS))


def permissions(*parties: Party) -> tuple[str, ...]:
    """List the permissions that the parties' calls need, sorted."""
    return tuple(sorted({p for one in OPERATIONS if one.party in parties for p in one.permissions}))


def services() -> tuple[str, ...]:
    """List the APIs that must be on in the project that pays for the calls, sorted."""
    return tuple(sorted({one.host for one in OPERATIONS if one.permissions or one.path}))


def _json(parties: tuple[Party, ...]) -> str:
    role = {
        "title": _TITLE,
        "description": _ABOUT,
        "stage": "GA",
        "includedPermissions": list(permissions(*parties)),
    }
    return json.dumps(role, indent=2) + "\n"


def _yaml(parties: tuple[Party, ...], name: str, title: str, about: str) -> str:
    reasons = _reasons(parties)
    lines = [
        f"# gcloud iam roles create {name} --organization ORGANIZATION --file FILE",
        *(f"# {permission}: {why}" for permission, why in reasons),
        f'title: "{title}"',
        f'description: "{about}"',
        'stage: "GA"',
        "includedPermissions:",
        *(f"- {permission}" for permission, _ in reasons),
    ]
    return "\n".join(lines) + "\n"


def _reasons(parties: tuple[Party, ...]) -> list[tuple[str, str]]:
    why: dict[str, str] = {}
    for one in OPERATIONS:
        if one.party in parties:
            for permission in one.permissions:
                why.setdefault(permission, one.why)
    return sorted(why.items())


def _terraform() -> str:
    wanted = permissions("scope", "quota")
    listed = "\n".join(f'    "{permission}",' for permission in wanted)
    apis = "\n".join(f'    "{service}",' for service in services())
    return _SNIPPET.format(role=_ROLE, title=_TITLE, about=_ABOUT, permissions=listed, apis=apis)


_SNIPPET = """\
# The role that nhiscan reads an organization through, and the account that it acts as.
variable "organization" {{
  type        = string
  description = "Number of the organization"
}}

variable "project" {{
  type        = string
  description = "Project that holds the account and pays for the calls"
}}

variable "scanner" {{
  type        = string
  description = "Who may act as the account, as serviceAccount:… or principal://…"
}}

resource "google_organization_iam_custom_role" "nhiscan" {{
  org_id      = var.organization
  role_id     = "{role}"
  title       = "{title}"
  description = "{about}"
  permissions = [
{permissions}
  ]
}}

resource "google_service_account" "nhiscan" {{
  project      = var.project
  account_id   = "nhiscan"
  display_name = "nhiscan"
}}

resource "google_organization_iam_member" "nhiscan" {{
  org_id = var.organization
  role   = google_organization_iam_custom_role.nhiscan.name
  member = google_service_account.nhiscan.member
}}

resource "google_service_account_iam_member" "scanner" {{
  service_account_id = google_service_account.nhiscan.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = var.scanner
}}

resource "google_project_service" "apis" {{
  for_each = toset([
{apis}
  ])
  project            = var.project
  service            = each.value
  disable_on_destroy = false
}}
"""

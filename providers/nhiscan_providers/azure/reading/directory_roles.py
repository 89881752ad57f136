"""Judges directory roles of Entra ID by the id of their template."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from nhiscan_providers.azure.reading.permissions import Judgement


def judge_directory_role(template_id: str, name: str, *, privileged: bool | None) -> Judgement:
    """Judge a role; one that the table lacks is judged by Microsoft's own mark and by its name.

    The mark (`isPrivileged`) as the directory shows it today also raises what the table calls
    writing; it never raises a reader.
    """
    found = _roles().get(template_id.lower())
    if found is not None:
        if privileged and found.privilege == "write":
            why = f"{found.why}; Microsoft marks the role as privileged"
            return Judgement(found.action_class, "admin", True, why)
        return found
    lowered = name.lower()
    if privileged:
        return Judgement("iam", "admin", False, "Microsoft marks the role as privileged")
    if "reader" in lowered:
        return Judgement("read", "read", False, "a reader by its name")
    if privileged is False:
        return Judgement("write", "write", False, "a role that Microsoft does not mark privileged")
    return Judgement("write", "unknown", False, "a role that the directory's list does not explain")


@cache
def _roles() -> Mapping[str, Judgement]:
    text = files(__package__).joinpath("directory_roles.json").read_text(encoding="utf-8")
    return {
        template: Judgement(action_class, privilege, True, why)
        for template, (_, action_class, privilege, why) in json.loads(text)["roles"].items()
    }

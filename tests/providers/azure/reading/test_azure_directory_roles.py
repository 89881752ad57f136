"""Directory roles: Microsoft's list of privileged roles, and roles that the table lacks."""

import json
import re
from importlib.resources import files
from typing import get_args

import pytest

from nhiscan.records import ActionClass, Privilege
from nhiscan_providers.azure.reading.directory_roles import judge_directory_role

# The roles that Microsoft marks as privileged (Microsoft Entra, "Built-in roles", 2026).
PRIVILEGED = {
    "db506228-d27e-4b7d-95e5-295956d6615f": "Agent ID Administrator",
    "d2562ede-74db-457e-a7b6-544e236ebb61": "AI Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "cf1c38e5-3621-4004-a7cb-879624dced7c": "Application Developer",
    "ecb2c6bf-0ab6-418e-bd87-7986f8d63bbe": "Attribute Provisioning Administrator",
    "c4e39bd9-1100-46d3-8c65-fb160da0071f": "Authentication Administrator",
    "25a516ed-2fa0-40ea-a2d0-12923a21473a": "Authentication Extensibility Administrator",
    "0b00bede-4072-4d22-b441-e7df02a1ef63": "Authentication Extensibility Password Administrator",
    "aaf43236-0c0d-4d5f-883a-6955382ac081": "B2C IEF Keyset Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "7698a772-787b-4ac8-901f-60d6b08affd2": "Cloud Device Administrator",
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9": "Conditional Access Administrator",
    "9360feb5-f418-4baa-8175-e2a00bac4301": "Directory Writers",
    "8329153b-31d0-4727-b945-745eb3bc5f31": "Domain Name Administrator",
    "be2f45a1-457d-42af-a067-6ec1fa63bc45": "External Identity Provider Administrator",
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8": "Helpdesk Administrator",
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2": "Hybrid Identity Administrator",
    "45d8d3c5-c802-45c6-b32a-1d70b5e1e86e": "Identity Governance Administrator",
    "3a2c62db-5318-420d-8d74-23affee5d9d5": "Intune Administrator",
    "59d46f88-662b-457b-bceb-5c3809e5908f": "Lifecycle Workflows Administrator",
    "4ba39ca4-527c-499a-b93d-d9b492c50246": "Partner Tier1 Support",
    "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8": "Partner Tier2 Support",
    "966707d0-3269-4727-9be2-8c3a10f19b9d": "Password Administrator",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
    "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f": "Security Operator",
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
}
PRIVILEGED_READERS = {
    "1fe13547-53f6-408d-ac04-7f8eed167b38": "AI Reader",
    "422218e4-db15-4ef9-bbe0-8afb41546d79": "Attribute Provisioning Reader",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    "5d6b6bb7-de71-4623-b4af-96380a352509": "Security Reader",
}
TABLE = json.loads(
    files("nhiscan_providers.azure.reading").joinpath("directory_roles.json").read_text("utf-8")
)
UNHEARD_OF = "0d0d0d0d-1111-4222-8333-444444444444"


@pytest.mark.parametrize(("template", "name"), PRIVILEGED.items())
def test_what_microsoft_marks_as_privileged_is_admin(template: str, name: str) -> None:
    assert TABLE["roles"][template][0] == name
    judged = judge_directory_role(template, name, privileged=True)
    assert (judged.privilege, judged.known) == ("admin", True)


@pytest.mark.parametrize(("template", "name"), PRIVILEGED_READERS.items())
def test_a_privileged_reader_reads(template: str, name: str) -> None:
    assert TABLE["roles"][template][0] == name
    judged = judge_directory_role(template, name, privileged=True)
    assert (judged.privilege, judged.known) == ("read", True)


@pytest.mark.parametrize(
    ("template", "action_class", "privilege"),
    [
        ("62e90394-69f5-4237-9190-012177145e10", "admin", "admin"),
        ("d29b2b05-8046-44ba-8758-1e26182fcf32", "iam", "admin"),
        ("29232cdf-9323-42fd-ade2-1d097af3e4de", "data", "admin"),
        ("fc8ad4e2-40e4-4724-8317-bcda7503ecbf", "iam", "admin"),
        ("1707125e-0aa2-4d4d-8655-a7c786c76a25", "backup", "admin"),
        ("69091246-20e8-4a56-aa4d-066075b2a7a8", "write", "write"),
        ("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "read", "read"),
        ("4a5d8f65-41da-4de4-8968-e035b65339cf", "log", "read"),
    ],
)
def test_roles_that_are_not_marked(template: str, action_class: str, privilege: str) -> None:
    judged = judge_directory_role(template.upper(), "any name", privileged=None)
    assert (judged.action_class, judged.privilege, judged.known) == (action_class, privilege, True)


@pytest.mark.parametrize(
    ("name", "privileged", "privilege"),
    [
        ("Ours", True, "admin"),
        ("Our Reader", True, "admin"),
        ("Our Reader", False, "read"),
        ("Our Reader", None, "read"),
        ("Ours", False, "write"),
        ("Ours", None, "unknown"),
        ("", None, "unknown"),
    ],
)
def test_a_role_that_the_table_lacks(name: str, privileged: bool | None, privilege: str) -> None:
    judged = judge_directory_role(UNHEARD_OF, name, privileged=privileged)
    assert (judged.privilege, judged.known) == (privilege, False)


def test_a_mark_that_is_newer_than_the_table_raises_what_writes() -> None:
    compliance = "17315797-102d-40b4-93e0-432062caca18"
    assert judge_directory_role(compliance, "", privileged=False).privilege == "write"
    raised = judge_directory_role(compliance, "", privileged=True)
    assert (raised.action_class, raised.privilege) == ("log", "admin")
    assert raised.why.endswith("Microsoft marks the role as privileged")


def test_the_name_is_not_believed_where_the_template_is_known() -> None:
    named = judge_directory_role(
        "62e90394-69f5-4237-9190-012177145e10", "Harmless Reader", privileged=False
    )
    assert named.privilege == "admin"


def test_the_table_is_whole() -> None:
    assert TABLE["source"]
    names = [one[0] for one in TABLE["roles"].values()]
    assert len(set(names)) == len(names)
    for template, (name, action_class, privilege, why) in TABLE["roles"].items():
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", template), name
        assert action_class in get_args(ActionClass), name
        assert privilege in get_args(Privilege), name
        assert 0 < len(why) <= 80, name
        assert ("Reader" not in name) or privilege == "read", name

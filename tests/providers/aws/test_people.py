"""Who stands behind an ARN: a person by name, an automation, or nobody can tell."""

import pytest

from nhiscan_providers.aws.people import Creator, People
from nhiscan_providers.aws.sources.creators import Creation
from nhiscan_providers.aws.sources.federation import saml_fingerprint

PEOPLE = People(
    "111122223333",
    {"ana": "human", "bot": "machine", "odd": "ambiguous"},
    {"deploy": "machine", "saml-admin": "human", "shell": "ambiguous"},
)
STS = "arn:aws:sts::111122223333:assumed-role"


@pytest.mark.parametrize(
    ("arn", "reference", "by_machine"),
    [
        ("arn:aws:iam::111122223333:user/team/ana", "ana", False),
        ("arn:aws:iam::111122223333:user/bot", "bot", True),
        ("arn:aws:iam::111122223333:user/odd", "odd", None),
        ("arn:aws:iam::444455556666:user/bot", "bot", None),
        (f"{STS}/AWSReservedSSO_Admin_0a1b/ana@acme.example", "ana@acme.example", False),
        (f"{STS}/saml-admin/ana@acme.example", "ana@acme.example", False),
        (f"{STS}/deploy/GitHubActions", "deploy", True),
        (f"{STS}/deploy/ana@acme.example", "deploy", True),
        (f"{STS}/shell/ana@acme.example", "ana@acme.example", None),
        (f"{STS}/gone/session", "gone", None),
        ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root", None),
        ("not an arn", "not an arn", None),
    ],
)
def test_who(arn: str, reference: str, by_machine: bool | None) -> None:
    assert PEOPLE.who(arn) == Creator(reference, by_machine, arn)


def test_a_service_is_a_machine() -> None:
    event = Creation(
        event="CreateRole",
        at=None,
        user=None,
        role="x",
        created_id=None,
        creator="cloudformation.amazonaws.com",
        creator_type="AWSService",
        invoked_by="cloudformation.amazonaws.com",
    )
    assert PEOPLE.of_event(event).by_machine is True


def test_a_saml_fingerprint_is_the_entity_and_its_certificates() -> None:
    metadata = (
        '<md:EntityDescriptor xmlns:md="x" validUntil="2027" entityID="{entity}">'
        "<ds:X509Certificate>{certificate}</ds:X509Certificate></md:EntityDescriptor>"
    )
    one = saml_fingerprint(metadata.format(entity="https://idp.example", certificate="MII\nAB=="))
    same = saml_fingerprint(metadata.format(entity="https://idp.example", certificate=" MIIAB== "))
    other = saml_fingerprint(metadata.format(entity="https://idp.example", certificate="MIIAC=="))
    assert one == same != other
    assert saml_fingerprint("<html/>") is None

"""Pools and bindings to them are graded by what of a token they fix."""

import pytest

from nhiscan.records import federated_fingerprint
from nhiscan_providers.gcp.reading.conditions import pins
from nhiscan_providers.gcp.reading.federation import Provider, read_entry, read_provider

_GITHUB = "https://token.actions.githubusercontent.com"
_MAPPING = {
    "google.subject": "assertion.sub",
    "attribute.repository": "assertion.repository",
    "attribute.owner": "assertion.repository_owner",
    "attribute.colour": "assertion.actor",
}


def _provider(condition: str = "", **more: object) -> Provider:
    fields: dict[str, object] = {
        "name": "projects/1/p", "id": "p", "kind": "oidc", "issuer": _GITHUB, "mapping": _MAPPING,
        "condition": condition,
    }  # fmt: skip
    return Provider(**(fields | more))  # type: ignore[arg-type]  # checked by the tests that use it


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("", "open"),
        ("true", "open"),
        ("assertion.actor == 'dana'", "open"),
        ("assertion.repository_owner == 'acme-dental'", "guarded"),
        ("assertion.repository_owner_id in ['17', '18']", "guarded"),
        ('attribute.repository == "acme-dental/web"', "guarded"),
        ("attribute.owner == 'acme-dental'", "guarded"),
        ("assertion.repository.startsWith('acme-dental/')", "guarded"),
        ("assertion.repository.startsWith('acme')", "open"),
        ("assertion.repository_owner == 'a' || assertion.repository_owner == 'b'", "guarded"),
        ("assertion.repository_owner == 'a' || true", "open"),
        ("!(assertion.repository_owner == 'a')", "open"),
        ("assertion.repository_owner != 'a'", "open"),
        ("assertion.repository_owner == ''", "open"),
    ],
)
def test_conditions_of_a_shared_issuer(condition: str, verdict: str) -> None:
    assert read_provider(_provider(condition)).verdict == verdict


def test_an_issuer_of_ones_own_is_weak_without_a_condition() -> None:
    assert read_provider(_provider(issuer="https://idp.acme.example")).verdict == "weak"


def test_an_aws_account_without_a_condition_lets_all_its_roles_in() -> None:
    aws = _provider(kind="aws", issuer=None, account="111122223333")
    assert read_provider(aws).verdict == "weak"
    assert "111122223333" in read_provider(aws).reason


@pytest.mark.parametrize(
    ("part", "grade", "verdict", "subject"),
    [
        ("subject/repo:a/b:ref:refs/heads/main", "tight", "guarded",
         "repo:a/b:ref:refs/heads/main"),
        ("attribute.repository/a/b", "repository", "weak", "repo:a/b:*"),
        ("attribute.owner/a", "organization", "weak", "repo:a/*"),
        ("attribute.colour/red", "any", "open", None),
        ("attribute.unmapped/x", "any", "open", None),
        ("*", "any", "open", None),
    ],
)  # fmt: skip
def test_entries(part: str, grade: str, verdict: str, subject: str | None) -> None:
    (entry,) = read_entry(part, [_provider()])
    assert (entry.grade, entry.verdict, entry.subject) == (grade, verdict, subject)
    expected = federated_fingerprint(_GITHUB, subject) if subject else None
    assert entry.fingerprint == expected


def test_a_subject_made_of_another_claim_is_weak() -> None:
    mapping = {"google.subject": "assertion.repository"}
    (entry,) = read_entry("subject/a/b", [_provider(mapping=mapping)])
    assert (entry.verdict, entry.fingerprint) == ("weak", None)


def test_providers_that_are_off_let_nobody_in() -> None:
    assert read_entry("*", [_provider(disabled=True), _provider(deleted=True)]) == []


def test_pins() -> None:
    assert pins("") == []
    assert pins("size(assertion.x) > 2") == []
    (alternative,) = pins("assertion.a == 'x' && assertion.b in ['y', \"z\"]")
    assert [(pin.attribute, pin.values) for pin in alternative] == [
        ("a", ("x",)),
        ("b", ("y", "z")),
    ]

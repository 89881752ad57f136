"""An entry's keys: what is refused, and that secrets stay where they are."""

from pathlib import Path
from typing import Any

import pytest

from nhiscan.errors import ProviderError
from nhiscan.provider import Secret
from nhiscan_providers.aws.options import Options

ROLE = "arn:aws-us-gov:iam::111122223333:role/msp/nhiscan"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"role_arn": "nhiscan"}, "role_arn"),
        ({"role_arn": "arn:aws:iam::1111:role/x"}, "role_arn"),
        ({"member_role": "arn:aws:iam::111122223333:role/x"}, "member_role"),
        ({"accounts": ("1111",)}, "accounts"),
        ({"regions": ("everywhere",)}, "regions"),
        ({"organization": True, "map": {"acme": "acme"}}, "map"),
        ({"map": {"111122223333": "acme"}}, "organization: true"),
        ({"endpoint": "localhost:4566"}, "endpoint"),
        ({"creators_pages": -1}, "creators_pages"),
        ({"session_name": "a b"}, "session_name"),
    ],
)
def test_wrong_values_name_their_key(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Options(**given)


def test_the_member_role_is_the_entry_role_unless_named() -> None:
    entry = Options(role_arn=ROLE, organization=True)
    assert entry.member_role_arn("aws-us-gov", "444455556666") == (
        "arn:aws-us-gov:iam::444455556666:role/msp/nhiscan"
    )
    named = Options(role_arn=ROLE, organization=True, member_role="audit")
    assert named.member_role_arn("aws", "444455556666") == "arn:aws:iam::444455556666:role/audit"
    with pytest.raises(ProviderError, match="member accounts"):
        Options(organization=True).member_role_arn("aws", "444455556666")


def test_an_external_id_is_text_or_kept_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_EXTERNAL_ID", "from-the-environment")
    (tmp_path / "id").write_text("from-a-file\n")
    for given, value in (
        ("plain-text", "plain-text"),
        (Secret("env:ACME_EXTERNAL_ID"), "from-the-environment"),
        (Secret("file:id", str(tmp_path)), "from-a-file"),
        (None, None),
    ):
        assert Options(external_id=given).revealed_external_id() == value
    assert "from-the-environment" not in repr(Options(external_id=Secret("env:ACME_EXTERNAL_ID")))


def test_a_missing_ca_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"file:ca\.pem"):
        Options(ca=Secret("file:ca.pem", str(tmp_path))).ca_file()
    (tmp_path / "ca.pem").write_text("")
    found = Options(ca=Secret("file:ca.pem", str(tmp_path))).ca_file()
    assert found == str(tmp_path / "ca.pem")

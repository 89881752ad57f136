"""The credential report: read by header name, with all its sentinels."""

import pytest

from nhiscan.records import Credential, CredentialStatus, Usage, utc
from nhiscan_providers.aws.faults import Fault
from nhiscan_providers.aws.rows.user_credentials import from_report, match_ids, user_usage
from nhiscan_providers.aws.sources.credential_report import Report, parse_rows
from nhiscan_providers.aws.sources.user_credentials import Listed

HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated,additional_credentials_info"
)
ROOT = (
    "<root_account>,arn:aws:iam::1:root,2020-01-01T00:00:00+00:00,not_supported,no_information,"
    "not_supported,not_supported,TRUE,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,"
    "false,N/A,"
)
BOT = (
    "bot,arn:aws:iam::1:user/bot,2021-01-01T00:00:00Z,false,N/A,N/A,N/A,false,"
    "true,2022-01-01T00:00:00+00:00,2026-10-01T00:00:00Z,us-east-1,s3,"
    "false,2021-06-01T00:00:00Z,N/A,N/A,N/A,true,2022-02-02T00:00:00Z,false,N/A,"
)
OLD = (
    "old,arn:aws:iam::1:user/old,2012-01-01T00:00:00Z,true,no_information,2012-01-01T00:00:00Z,N/A,"
    "false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A,"
)
REPORT = Report(utc("2026-11-01T00:00:00Z"), parse_rows("\n".join([HEADER, ROOT, BOT, OLD])))


def _listed(created: str, status: CredentialStatus, tail: str) -> Listed:
    return Listed(user="bot", digest=tail * 16, tail=tail, status=status, created=utc(created))


def test_sentinels_are_absences_and_inactive_keys_stay() -> None:
    root, bot = REPORT.rows["<root_account>"], REPORT.rows["bot"]
    assert (root.password, root.mfa, root.keys, root.certificates) == (None, True, (), ())
    assert [(key.slot, key.active, key.used is None) for key in bot.keys] == [
        (1, True, False),
        (2, False, True),
    ]
    assert [one.slot for one in bot.certificates] == [1]
    assert (bot.keys[1].region, bot.keys[1].service) == (None, None)


def test_column_order_and_a_missing_last_newline_do_not_matter() -> None:
    names = HEADER.split(",")
    cells = dict(zip(names, BOT.split(","), strict=True))
    turned = ",".join(reversed(names)) + "\r\n" + ",".join(cells[name] for name in reversed(names))
    assert parse_rows(turned)["bot"] == REPORT.rows["bot"]


@pytest.mark.parametrize("text", ["", "<html>", f"{HEADER}\nbot,arn:aws:iam::1:user/bot"])
def test_what_is_no_whole_report_is_a_fault(text: str) -> None:
    with pytest.raises(Fault):
        parse_rows(text)


def test_never_is_said_only_within_the_record_of_use() -> None:
    bot = list(from_report("AIDA1", REPORT.rows["bot"], REPORT, None))
    usage = {row.key: row.usage for row in bot if isinstance(row, Usage)}
    assert usage == {
        "AIDA1/access_key_1": "known",
        "AIDA1/access_key_2": "never",
        "AIDA1/certificate_1": "unsupported",
    }
    old = list(from_report("AIDA2", REPORT.rows["old"], REPORT, None))
    assert [row.usage for row in old if isinstance(row, Usage)] == ["unknown"]
    assert user_usage("AIDA2", REPORT.rows["old"], REPORT, 0).usage == "unknown"


def test_the_report_may_be_older_than_the_scan_and_says_so() -> None:
    usage = user_usage("AIDA1", REPORT.rows["bot"], REPORT, 0)
    assert usage.read_at == REPORT.generated
    missing = user_usage("AIDA3", None, REPORT, 0)
    assert (missing.usage, missing.note) == (
        "unknown",
        "created after the credential report was made, or not in it",
    )


def test_ids_are_matched_by_creation_or_left_out() -> None:
    keys = REPORT.rows["bot"].keys
    first = _listed("2022-01-01T00:00:00Z", "active", "AAAA")
    moved = _listed("2021-01-15T00:00:00Z", "inactive", "BBBB")
    assert match_ids(keys, [first, moved]).by_slot == {1: first, 2: moved}
    twin = _listed("2022-01-01T00:00:00Z", "active", "CCCC")
    assert match_ids(keys, [first, twin]).by_slot == {}
    credentials = from_report("AIDA1", REPORT.rows["bot"], REPORT, match_ids(keys, [first]))
    shown = {row.key: row.public_id for row in credentials if isinstance(row, Credential)}
    assert shown["AIDA1/access_key_1"] == "…AAAA"
    assert shown["AIDA1/access_key_2"] is None

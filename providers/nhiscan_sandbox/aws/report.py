"""The credential report: its states, its 22 columns, and the root user's row."""

import csv
import io
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from nhiscan_sandbox.aws.callers import iam
from nhiscan_sandbox.aws.wire import Refusal
from nhiscan_sandbox.estate.model import Account, Key

_COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)
_NO_KEY = ["false", "N/A", "N/A", "N/A", "N/A"]
# Services that AWS reports without a region (GetAccessKeyLastUsed's documentation).
_REGIONLESS = {"s3"}


class Reports:
    """Where each account's report stands; AWS makes one when asked and keeps it for four hours."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._polls_left: dict[str, int] = {}
        self._lock = Lock()

    def generate(self, account: Account) -> dict[str, Any]:
        """Answer GenerateCredentialReport: STARTED, INPROGRESS as often as asked for, COMPLETE."""
        with self._lock:
            left = self._polls_left.get(account.id)
            if left is None:
                self._polls_left[account.id] = account.report_polls
                return {"State": "STARTED", "Description": "No report exists. Starting a new one."}
            if left > 0:
                self._polls_left[account.id] = left - 1
                return {"State": "INPROGRESS"}
        return {"State": "COMPLETE"}

    def get(self, account: Account) -> dict[str, Any]:
        """Answer GetCredentialReport, or refuse while there is none."""
        with self._lock:
            left = self._polls_left.get(account.id)
        if left is None:
            raise Refusal(410, "ReportNotPresent", "No report exists; generate one first.")
        if left > 0:
            raise Refusal(404, "ReportInProgress", "The report is being generated.")
        return {
            "Content": _csv(account, self._now).encode(),
            "ReportFormat": "text/csv",
            "GeneratedTime": self._now,
        }

    def expire(self, account_id: str) -> None:
        """Drop an account's report, as AWS does after four hours."""
        with self._lock:
            self._polls_left.pop(account_id, None)


def _csv(account: Account, now: datetime) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerow(_root_row(account, now))
    writer.writerows(_user_row(user) for user in list(iam(account.id).users.values()))
    return text.getvalue().rstrip("\n")  # AWS ends the last line without a newline


def _user_row(user: Any) -> list[str]:
    row = [user.name, user.arn, _time(user.create_date)]
    if user.password:
        used = _time(user.password_last_used) if user.password_last_used else "no_information"
        row += ["true", used, _time(user.password_changed), "N/A"]
    else:
        row += ["false", "N/A", "N/A", "N/A"]
    row.append(_flag(user.mfa_devices))
    keys = [_key_cells(key) for key in user.access_keys[:2]]
    for cells in [*keys, _NO_KEY, _NO_KEY][:2]:
        row += cells
    certificates = [
        [_flag(c.status == "Active"), _time(c.upload_date)]
        for c in user.signing_certificates.values()
    ]
    for cells in (certificates + [["false", "N/A"]] * 2)[:2]:
        row += cells
    return row


def _key_cells(key: Any) -> list[str]:
    cells = [_flag(key.status == "Active"), _time(key.create_date)]
    if key.last_used is None:
        return [*cells, "N/A", "N/A", "N/A"]
    region = "N/A" if key.last_used.service in _REGIONLESS else key.last_used.region
    return [*cells, _time(key.last_used.timestamp), region, key.last_used.service]


def _root_row(account: Account, now: datetime) -> list[str]:
    root, day = account.root, timedelta(days=1)
    used = "no_information" if root.used is None else _time(now - root.used * day)
    row = ["<root_account>", f"arn:aws:iam::{account.id}:root", _time(now - root.age * day)]
    row += ["not_supported", used, "not_supported", "not_supported", _flag(root.mfa)]
    row += (_root_key(root.key, now) if root.key else _NO_KEY) + _NO_KEY
    return [*row, "false", "N/A", "false", "N/A"]


def _root_key(key: Key, now: datetime) -> list[str]:
    cells = [_flag(key.status == "Active"), _time(now - timedelta(days=key.age))]
    if key.used is None:
        return [*cells, "N/A", "N/A", "N/A"]
    region = "N/A" if key.service in _REGIONLESS else key.region
    return [*cells, _time(now - timedelta(days=key.used)), region, key.service]


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _flag(value: object) -> str:
    return "true" if value else "false"

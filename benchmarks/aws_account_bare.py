"""The least that reads an AWS account: the same calls as a scan, parsed by boto3, and nothing else.

`python benchmarks/aws_account_bare.py ENDPOINT ROLE_ARN`; what the benchmark compares with.
"""

import csv
import io
import json
import sys
import time
from typing import Any

import boto3
import botocore.session

REGION = "us-east-1"
EVENTS = ("CreateUser", "CreateRole", "CreateAccessKey", "CreateServiceSpecificCredential")


def main(endpoint: str, role_arn: str) -> None:
    """Make each call once, and hold what it says."""
    core = botocore.session.Session()
    base = boto3.Session(region_name=REGION, botocore_session=core)
    sts = base.client("sts", endpoint_url=endpoint)
    given = sts.assume_role(RoleArn=role_arn, RoleSessionName="bare")["Credentials"]

    def client(service: str) -> Any:
        return base.client(
            service,
            endpoint_url=endpoint,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    client("sts").get_caller_identity()
    held = [*_iam(client("iam"))]
    held += client("secretsmanager").list_secrets(MaxResults=100)["SecretList"]
    secure = [{"Key": "Type", "Option": "Equals", "Values": ["SecureString"]}]
    held += client("ssm").describe_parameters(ParameterFilters=secure, MaxResults=50)["Parameters"]
    held += _events(client("cloudtrail"))
    account = client("account")
    for kind in ("SECURITY", "OPERATIONS"):
        held.append(account.get_alternate_contact(AlternateContactType=kind)["AlternateContact"])
    print(len(held))


def _iam(iam: Any) -> list[Any]:
    held: list[Any] = []
    pages = iam.get_paginator("get_account_authorization_details").paginate(
        PaginationConfig={"PageSize": 1000}
    )
    for page in pages:
        for name in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"):
            held += page[name]
    while iam.generate_credential_report()["State"] != "COMPLETE":
        time.sleep(0.2)
    report = iam.get_credential_report()["Content"].decode()
    held += csv.DictReader(io.StringIO(report))
    held += iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"]
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        held.append(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"]))
    held += iam.list_saml_providers()["SAMLProviderList"]
    held.append(iam.get_account_summary()["SummaryMap"])
    return held


def _events(trail: Any) -> list[Any]:
    held: list[Any] = []
    for name in EVENTS:
        wanted = [{"AttributeKey": "EventName", "AttributeValue": name}]
        for page in trail.get_paginator("lookup_events").paginate(LookupAttributes=wanted):
            time.sleep(0.55)  # two requests a second are allowed
            for event in page["Events"]:
                held.append(event | {"detail": json.loads(event["CloudTrailEvent"])})
    return held


if __name__ == "__main__":
    main(*sys.argv[1:3])

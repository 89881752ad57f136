"""Prints what must be granted, from the table of calls: nothing that is not called is in it."""

import json
from collections.abc import Iterable

from nhiscan.errors import UsageError
from nhiscan_providers.aws.calls import OPERATIONS, Operation, Party

FORMS = ("policy", "stackset", "payer", "scanner")

_SCANNER = "arn:aws:iam::*:role/nhiscan"


def render(form: str | None = None) -> str:
    """Print one form.

    `policy`: the IAM policy of the role in every scanned account. `payer`: what that role needs
    besides in an organization's management or delegated administrator account. `stackset`: a
    CloudFormation template that makes the role. `scanner`: the policy of the MSP's own principal.
    """
    match form or FORMS[0]:
        case "policy":
            return _json(_policy("account"))
        case "payer":
            return _json(_policy("payer"))
        case "scanner":
            return _json(_policy("scanner", _SCANNER))
        case "stackset":
            return _template()
    raise UsageError(f"aws has no form of permissions named {form!r}", hint=", ".join(FORMS))


def permissions(party: Party) -> tuple[str, ...]:
    """List the permissions that a party needs, sorted."""
    return tuple(sorted({one.permission for one in _of(party)}))


def _of(party: Party) -> Iterable[Operation]:
    return (one for one in OPERATIONS if one.party == party)


def _policy(party: Party, resource: str = "*") -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Nhiscan{party.capitalize()}",
                "Effect": "Allow",
                "Action": list(permissions(party)),
                "Resource": resource,
            }
        ],
    }


def _json(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"


def _template() -> str:
    """Write the template; JSON is YAML, and CloudFormation takes comments only in YAML."""
    reasons = "".join(
        f"#   {one.permission}: {one.why}\n"
        for one in sorted(_of("account"), key=lambda one: one.permission)
    )
    return (
        "# The role that nhiscan reads one account through. Deploy it as a StackSet.\n"
        f"# Every action is called, and for this:\n{reasons}"
        f"{_TEMPLATE}{_actions('account', 14)}{_PAYER}{_actions('payer', 14)}{_OUTPUTS}"
    )


def _actions(party: Party, indent: int) -> str:
    return "".join(f"{' ' * indent}- {action}\n" for action in permissions(party))


_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: Read-only role for nhiscan
Parameters:
  ScannerRoleArn:
    Type: String
    Description: The role of the managed service provider that may assume this one
    AllowedPattern: "arn:aws[a-z-]*:iam::[0-9]{12}:role/.+"
  ExternalId:
    Type: String
    NoEcho: true
    MinLength: 16
    Description: A random text, different for every client
  RoleName:
    Type: String
    Default: nhiscan
  OrganizationReads:
    Type: String
    Default: "no"
    AllowedValues: ["yes", "no"]
    Description: Say yes in the management or delegated administrator account
Conditions:
  ReadsOrganization: !Equals [!Ref OrganizationReads, "yes"]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      Description: Lets nhiscan read identities, credentials by name, and their use
      MaxSessionDuration: 3600
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: !Ref ScannerRoleArn}
            Action: sts:AssumeRole
            Condition: {StringEquals: {sts:ExternalId: !Ref ExternalId}}
  Policy:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref Role
      PolicyName: nhiscan
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: NhiscanAccount
            Effect: Allow
            Resource: "*"
            Action:
"""

_PAYER = """\
  OrganizationPolicy:
    Type: AWS::IAM::RolePolicy
    Condition: ReadsOrganization
    Properties:
      RoleName: !Ref Role
      PolicyName: nhiscan-organization
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: NhiscanPayer
            Effect: Allow
            Resource: "*"
            Action:
"""

_OUTPUTS = """\
Outputs:
  RoleArn:
    Description: Put this into nhiscan.yaml as role_arn
    Value: !GetAtt Role.Arn
"""

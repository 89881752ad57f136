"""The probe actions that stand for each class of control, as data, with their SOC 2 criteria.

An identity that may do one of them can perform, change or disable a control of that class. The list
is a choice, not a catalogue: it holds the actions by which a control is really changed.
"""

from msgspec import Struct

from nhiscan.records import ActionClass


class Probe(Struct, frozen=True):
    """One action, the class it stands for, and the criteria whose controls it touches."""

    action: str
    action_class: ActionClass
    criteria: tuple[str, ...]


def probes() -> tuple[Probe, ...]:
    """List all probes in a fixed order."""
    return _PROBES


def _of(action_class: ActionClass, criteria: str, actions: str) -> tuple[Probe, ...]:
    return tuple(Probe(action, action_class, tuple(criteria.split())) for action in actions.split())


# fmt: off
_PROBES: tuple[Probe, ...] = (
    *_of("iam", "CC6.1 CC6.2 CC6.3", """
        iam:CreateUser iam:CreateRole iam:CreateAccessKey iam:CreateLoginProfile
        iam:CreatePolicyVersion iam:CreateOpenIDConnectProvider iam:AttachUserPolicy
        iam:AttachRolePolicy iam:PutUserPolicy iam:PutRolePolicy iam:SetDefaultPolicyVersion
        iam:UpdateAssumeRolePolicy iam:AddUserToGroup iam:UpdateAccessKey iam:DeleteUser
        sso:CreateAccountAssignment organizations:CreatePolicy organizations:AttachPolicy
    """),
    *_of("log", "CC7.1 CC7.2", """
        cloudtrail:StopLogging cloudtrail:DeleteTrail cloudtrail:UpdateTrail
        cloudtrail:PutEventSelectors logs:DeleteLogGroup logs:PutRetentionPolicy
        guardduty:UpdateDetector guardduty:DeleteDetector securityhub:DisableSecurityHub
        config:StopConfigurationRecorder config:DeleteConfigurationRecorder
        cloudwatch:PutMetricAlarm cloudwatch:PutCompositeAlarm cloudwatch:DeleteAlarms
    """),
    *_of("backup", "A1.2 A1.3 CC7.5", """
        backup:CreateBackupPlan backup:DeleteBackupPlan backup:DeleteRecoveryPoint
        backup:StartBackupJob backup:StartRestoreJob s3:PutLifecycleConfiguration
        s3:PutBucketVersioning ec2:CreateSnapshot ec2:DeleteSnapshot rds:DeleteDBSnapshot
        dlm:UpdateLifecyclePolicy
    """),
    *_of("deploy", "CC8.1", """
        cloudformation:CreateStack cloudformation:UpdateStack codepipeline:StartPipelineExecution
        codebuild:StartBuild codedeploy:CreateDeployment lambda:UpdateFunctionCode
        ecs:UpdateService ecs:RegisterTaskDefinition ssm:SendCommand ec2:RunInstances
    """),
    *_of("key", "CC6.1 C1.1", """
        kms:CreateKey kms:PutKeyPolicy kms:ScheduleKeyDeletion kms:DisableKey kms:CreateGrant
        kms:EnableKeyRotation secretsmanager:PutSecretValue secretsmanager:RotateSecret
        secretsmanager:DeleteSecret acm:ImportCertificate
    """),
    *_of("incident", "CC7.3 CC7.4 CC7.5", """
        ec2:StopInstances ec2:TerminateInstances ec2:ModifyInstanceAttribute
        iam:DeactivateMFADevice iam:DeleteAccessKey iam:UpdateLoginProfile
        lambda:PutFunctionConcurrency wafv2:UpdateWebACL guardduty:ArchiveFindings
        securityhub:BatchUpdateFindings
    """),
    *_of("network", "CC6.6", """
        ec2:AuthorizeSecurityGroupIngress ec2:CreateVpcPeeringConnection ec2:ModifyVpcEndpoint
        ec2:ReplaceNetworkAclEntry
    """),
    *_of("data", "CC6.1 C1.1", """
        s3:GetObject dynamodb:GetItem secretsmanager:GetSecretValue ssm:GetParameter kms:Decrypt
        rds-data:ExecuteStatement
    """),
    *_of("read", "CC4.1", """
        iam:GenerateCredentialReport cloudtrail:LookupEvents securityhub:GetFindings
        config:SelectResourceConfig
    """),
)
# fmt: on

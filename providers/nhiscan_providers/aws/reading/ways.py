"""The actions by which one principal makes itself a way into another, as data.

Policy-changing actions (iam:AttachUserPolicy, PutRolePolicy …) are none of them: they raise the
power of a principal and let nobody act as it. Whoever may do that to itself is `admin` already.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Kind = Literal["user", "role", "saml-provider"]
PASS_ROLE = "iam:PassRole"  # noqa: S105  # the name of an action
UPDATE_SAML = "iam:UpdateSAMLProvider"

# A new key or password of a user. Whether the user has room for it (two keys at most, a password to
# change or none yet, no MFA device that the sign-in asks for) is not looked at. Not among them:
# CreateServiceSpecificCredential, UploadSSHPublicKey and UploadSigningCertificate, which open one
# service each (Bedrock, CodeCommit, Keyspaces, old SOAP interfaces) and not all that the user may
# do; UpdateAccessKey, which wakes a key whose secret is known to others.
NEW_CREDENTIAL = ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")
CHANGED_TRUST = ("iam:UpdateAssumeRolePolicy",)
# Of the powers over identity providers only this one: whoever writes a SAML provider's metadata
# signs for any subject that its roles accept. A new OpenID Connect provider lets nobody in whom a
# role does not name already, and another client id or thumbprint helps only who also holds tokens
# of the issuer. Nor is it told that one could make anew a provider that is gone and still trusted.
ADDED_FEDERATION = (UPDATE_SAML,)

# The kind of resource that each action takes (Service Authorization Reference, AWS IAM).
TAKES: Mapping[str, Kind] = {
    **dict.fromkeys(NEW_CREDENTIAL, "user"),
    **dict.fromkeys((*CHANGED_TRUST, PASS_ROLE), "role"),
    **dict.fromkeys(ADDED_FEDERATION, "saml-provider"),
}


class Start(Struct, frozen=True):
    """What lets one start a workload as a role that trusts `service`: all of `actions`."""

    service: str
    actions: tuple[str, ...]


def starts() -> tuple[Start, ...]:
    """List the ways to start a workload under a passed role, in a fixed order."""
    return _STARTS


def _of(service: str, *choices: str) -> tuple[Start, ...]:
    return tuple(Start(f"{service}.amazonaws.com", tuple(one.split())) for one in choices)


# A choice, not a catalogue: services in which the caller's own code, template or call runs as the
# role. What must exist already (a cluster, an instance profile with the role, a function that
# somebody calls) is not looked at. Not among them: new code for a function that has its role
# (lambda:UpdateFunctionCode), because no role is passed, and which function runs as which role is
# not read.
_STARTS: tuple[Start, ...] = (
    *_of(
        "lambda",
        "lambda:CreateFunction lambda:InvokeFunction",
        "lambda:CreateFunction lambda:AddPermission",
        "lambda:CreateFunction lambda:CreateEventSourceMapping",
        "lambda:UpdateFunctionConfiguration",  # layers and variables bring code along
    ),
    *_of(
        "ec2",
        "ec2:RunInstances",
        "ec2:RequestSpotInstances",
        "ec2:AssociateIamInstanceProfile ssm:SendCommand",
        "ec2:AssociateIamInstanceProfile ssm:StartSession",
        "ec2:ReplaceIamInstanceProfileAssociation ssm:SendCommand",
        "ec2:ReplaceIamInstanceProfileAssociation ssm:StartSession",
    ),
    *_of(
        "ecs-tasks",
        "ecs:RunTask",  # its overrides hold both the role and the command
        "ecs:StartTask",
        "ecs:RegisterTaskDefinition ecs:CreateService",
        "ecs:RegisterTaskDefinition ecs:UpdateService",
        "batch:RegisterJobDefinition batch:SubmitJob",
    ),
    *_of(
        "glue",
        "glue:CreateDevEndpoint",
        "glue:CreateJob glue:StartJobRun",
        "glue:CreateJob glue:CreateTrigger",
        "glue:UpdateJob glue:StartJobRun",
        "glue:CreateSession glue:RunStatement",
    ),
    *_of(
        "cloudformation",
        "cloudformation:CreateStack",
        "cloudformation:UpdateStack",
        "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet",
        "cloudformation:CreateStackSet cloudformation:CreateStackInstances",
    ),
    *_of(
        "codebuild",
        "codebuild:CreateProject codebuild:StartBuild",
        "codebuild:CreateProject codebuild:StartBuildBatch",
        "codebuild:UpdateProject codebuild:StartBuild",
    ),
    *_of(
        "sagemaker",
        "sagemaker:CreateNotebookInstance sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:CreateNotebookInstance sagemaker:CreateNotebookInstanceLifecycleConfig",
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateProcessingJob",
    ),
    *_of(
        "states",
        "states:CreateStateMachine states:StartExecution",
        "states:CreateStateMachine states:StartSyncExecution",
        "states:UpdateStateMachine states:StartExecution",
    ),
    *_of(
        "datapipeline",
        "datapipeline:CreatePipeline datapipeline:PutPipelineDefinition"
        " datapipeline:ActivatePipeline",
    ),
    *_of("ssm", "ssm:StartAutomationExecution", "ssm:CreateActivation"),
    *_of("scheduler", "scheduler:CreateSchedule", "scheduler:UpdateSchedule"),
    *_of("tasks.apprunner", "apprunner:CreateService", "apprunner:UpdateService"),
    *_of(
        "bedrock-agentcore",
        "bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:InvokeCodeInterpreter",
    ),
)

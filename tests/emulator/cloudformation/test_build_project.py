"""AWS::CodeBuild::Project: made, changed and removed by a stack, seen through CodeBuild's own API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.wire import client_of

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator
    from tests.emulator.cloudformation.stack_of import StackOf

ROLE = "arn:aws:iam::123456789012:role/build"


def project(**properties: Any) -> dict[str, Any]:
    """Return a template of one project, as the CDK writes it."""
    return {
        "Build": {
            "Type": "AWS::CodeBuild::Project",
            "Properties": {
                "Artifacts": {"Type": "NO_ARTIFACTS"},
                "ConcurrentBuildLimit": 1,
                "Environment": {
                    "ComputeType": "BUILD_GENERAL1_SMALL",
                    "EnvironmentVariables": [{"Name": "GROUP", "Type": "PLAINTEXT", "Value": "orders"}],
                    "Image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
                    "PrivilegedMode": "false",
                    "Type": "LINUX_CONTAINER",
                },
                "ServiceRole": ROLE,
                "Source": {"Type": "NO_SOURCE", "BuildSpec": "{}"},
                "TimeoutInMinutes": "60",
                **properties,
            },
        }
    }


def test_a_project_comes_changes_and_goes(account: Emulator, stack: StackOf) -> None:
    """CodeBuild shows what the template says, under one name and one ARN until the stack goes."""
    api: Any = client_of(account.endpoint_url)("codebuild")
    stack.deploy(project(), {"Arn": {"Fn::GetAtt": ["Build", "Arn"]}})
    (name,) = api.list_projects()["projects"]
    (before,) = api.batch_get_projects(names=[name])["projects"]
    stack.deploy(project(TimeoutInMinutes=90), {"Arn": {"Fn::GetAtt": ["Build", "Arn"]}})
    (after,) = api.batch_get_projects(names=[name])["projects"]
    stack.destroy()

    assert before["source"]["buildspec"] == "{}"
    assert before["environment"]["environmentVariables"] == [{"name": "GROUP", "type": "PLAINTEXT", "value": "orders"}]
    assert before["environment"]["privilegedMode"] is False
    assert (before["timeoutInMinutes"], after["timeoutInMinutes"]) == (60, 90)
    assert before["arn"] == after["arn"]
    assert api.list_projects()["projects"] == []

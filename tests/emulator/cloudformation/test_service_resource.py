"""Types of other services: made, changed, replaced and removed by a stack, seen through their own APIs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.wire import Client, at_rest

TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "alerts"}}


class Deployer:
    """A stack `services` whose template is given anew, step by step."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.exists = False

    def deploy(self, resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> dict[str, Any]:
        """Create or update the stack and describe it at rest."""
        template: dict[str, Any] = {"Resources": resources}
        if outputs:
            template["Outputs"] = {name: {"Value": value} for name, value in outputs.items()}
        cloudformation = self.client("cloudformation")
        method = cloudformation.update_stack if self.exists else cloudformation.create_stack
        method(StackName="services", TemplateBody=json.dumps(template))
        self.exists = True
        return at_rest(self.client, "services")

    def destroy(self) -> None:
        """Delete the stack."""
        self.client("cloudformation").delete_stack(StackName="services")

    def physical_id(self, logical_id: str) -> str:
        """Return what Ref returns."""
        described = self.client("cloudformation").describe_stack_resources(
            StackName="services", LogicalResourceId=logical_id
        )
        return described["StackResources"][0]["PhysicalResourceId"]


@pytest.fixture
def deployer(client: Client) -> Deployer:
    """A stack that is not there yet."""
    return Deployer(client)


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    """Return the outputs of a stack by their keys."""
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}


def alarm(threshold: int = 90, **properties: Any) -> dict[str, Any]:
    """Return an alarm on a metric of ElastiCache."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": "AWS/ElastiCache",
            "MetricName": "EngineCPUUtilization",
            "Dimensions": [{"Name": "CacheClusterId", "Value": "orders-001"}],
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 3,
            "Period": 60,
            "Statistic": "Average",
            "Threshold": threshold,
            **properties,
        },
    }


def test_an_alarm_comes_changes_and_goes(deployer: Deployer, client: Client) -> None:
    """CloudWatch shows what the template says, under the same name until the stack goes."""
    stack = deployer.deploy({"Cpu": alarm()}, {"Arn": {"Fn::GetAtt": ["Cpu", "Arn"]}})
    name = deployer.physical_id("Cpu")
    (before,) = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    deployer.deploy({"Cpu": alarm(threshold=75)})
    (after,) = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    deployer.destroy()

    assert outputs(stack)["Arn"] == before["AlarmArn"]
    assert (before["Threshold"], after["Threshold"]) == (90, 75)
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_another_name_replaces_an_alarm(deployer: Deployer, client: Client) -> None:
    """The new alarm takes the place of the old one, which goes."""
    deployer.deploy({"Cpu": alarm(AlarmName="one")})
    deployer.deploy({"Cpu": alarm(AlarmName="two")})

    assert [item["AlarmName"] for item in client("cloudwatch").describe_alarms()["MetricAlarms"]] == ["two"]


def test_tags_of_an_alarm_follow_the_template(deployer: Deployer, client: Client) -> None:
    """What is gone from the template is gone from the alarm."""
    stack = deployer.deploy({"Cpu": alarm(Tags=[{"Key": "a", "Value": "1"}])}, {"Arn": {"Fn::GetAtt": ["Cpu", "Arn"]}})
    deployer.deploy({"Cpu": alarm(Tags=[{"Key": "b", "Value": "2"}])})

    tags = client("cloudwatch").list_tags_for_resource(ResourceARN=outputs(stack)["Arn"])["Tags"]
    assert tags == [{"Key": "b", "Value": "2"}]


def test_a_schedule_comes_changes_and_goes(deployer: Deployer, client: Client) -> None:
    """A long name of CloudFormation's making is cut to what the scheduler takes."""

    def schedule(expression: str) -> dict[str, Any]:
        target = {"Arn": "arn:aws:states:eu-west-1:123456789012:stateMachine:x", "RoleArn": "arn:aws:iam::1:role/x"}
        return {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "ScheduleExpression": expression,
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": target,
            },
        }

    logical_id = "NightlyBackupOfEverythingThatWeHaveInThisRegionAndInThatRegion"
    deployer.deploy({logical_id: schedule("rate(1 day)")})
    name = deployer.physical_id(logical_id)
    deployer.deploy({logical_id: schedule("rate(2 days)")})
    changed = client("scheduler").get_schedule(Name=name)
    deployer.destroy()

    assert len(name) <= 64
    assert changed["ScheduleExpression"] == "rate(2 days)"
    assert client("scheduler").list_schedules()["Schedules"] == []


def secret(**rules: Any) -> dict[str, Any]:
    """Return a secret whose password is generated into a JSON object."""
    return {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Description": "of a test",
            "GenerateSecretString": {
                "SecretStringTemplate": '{"username": "app"}',
                "GenerateStringKey": "password",
                "PasswordLength": "40",
                "ExcludePunctuation": "true",
                **rules,
            },
        },
    }


def text_of(client: Client, secret_id: str) -> dict[str, str]:
    """Return the JSON object in a secret."""
    return json.loads(client("secretsmanager").get_secret_value(SecretId=secret_id)["SecretString"])


def test_a_secret_is_generated_as_its_template_asks(deployer: Deployer, client: Client) -> None:
    """The password has the length that was asked for, and stands beside what the template says."""
    deployer.deploy({"Token": secret()})
    held = text_of(client, deployer.physical_id("Token"))

    assert held["username"] == "app"
    assert len(held["password"]) == 40
    assert held["password"].isalnum()


def test_a_secret_keeps_its_text_unless_its_making_changes(deployer: Deployer, client: Client) -> None:
    """A new description leaves the password, another length makes a new one."""
    deployer.deploy({"Token": secret()})
    secret_id = deployer.physical_id("Token")
    first = text_of(client, secret_id)
    described = secret()
    described["Properties"]["Description"] = "of another test"
    deployer.deploy({"Token": described})
    second = text_of(client, secret_id)
    deployer.deploy({"Token": secret(PasswordLength="50")})
    third = text_of(client, secret_id)

    assert first == second
    assert len(third["password"]) == 50


def test_a_dynamic_reference_is_filled_in_and_not_kept(deployer: Deployer, client: Client) -> None:
    """The resource has the text of the secret; the stack remembers the reference."""
    reference = {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Token"}, ":SecretString:username::}}"]]}
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": reference}}
    deployer.deploy({"Token": secret(), "User": user})

    assert [item["UserName"] for item in client("iam").list_users()["Users"]] == ["app"]
    template = client("cloudformation").get_template(StackName="services")["TemplateBody"]
    assert "{{resolve:" in json.dumps(template)


def test_a_dynamic_reference_that_leads_nowhere_fails_the_deployment(deployer: Deployer) -> None:
    """The reason names the key."""
    reference = {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Token"}, ":SecretString:nothing::}}"]]}
    stack = deployer.deploy(
        {"Token": secret(), "User": {"Type": "AWS::IAM::User", "Properties": {"UserName": reference}}}
    )
    events = deployer.client("cloudformation").describe_stack_events(StackName="services")["StackEvents"]

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("nothing" in event.get("ResourceStatusReason", "") for event in events)


def test_a_group_may_be_scaled(deployer: Deployer, client: Client) -> None:
    """Target, policy and scheduled action reach Application Auto Scaling, and go with the stack."""
    group = "replication-group/orders"
    target = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "ServiceNamespace": "elasticache",
            "ResourceId": group,
            "ScalableDimension": "elasticache:replication-group:Replicas",
            "MinCapacity": 1,
            "MaxCapacity": "5",
            "RoleARN": "arn:aws:iam::123456789012:role/x",
            "ScheduledActions": [
                {
                    "ScheduledActionName": "night",
                    "Schedule": "cron(0 22 * * ? *)",
                    "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2},
                }
            ],
        },
    }
    policy = {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": "cpu",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": "Target"},
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 60,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ElastiCacheReplicaEngineCPUUtilization"},
            },
        },
    }
    scaling = client("application-autoscaling")
    stack = deployer.deploy({"Target": target, "Policy": policy})
    (seen,) = scaling.describe_scalable_targets(ServiceNamespace="elasticache")["ScalableTargets"]
    (found,) = scaling.describe_scaling_policies(ServiceNamespace="elasticache")["ScalingPolicies"]
    actions = scaling.describe_scheduled_actions(ServiceNamespace="elasticache")["ScheduledActions"]
    deployer.destroy()

    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert (seen["ResourceId"], seen["MinCapacity"], seen["MaxCapacity"]) == (group, 1, 5)
    assert found["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 60
    assert [action["ScheduledActionName"] for action in actions] == ["night"]
    assert scaling.describe_scalable_targets(ServiceNamespace="elasticache")["ScalableTargets"] == []


def test_a_subscription_and_a_policy_of_a_topic(deployer: Deployer, client: Client) -> None:
    """SNS shows both, and the subscription goes with the stack."""
    subscription = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "ops@example.com"},
    }
    statement = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish",
                 "Resource": {"Ref": "Topic"}}  # fmt: skip
    policy = {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [{"Ref": "Topic"}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }
    deployer.deploy({"Topic": TOPIC, "Subscription": subscription, "Policy": policy})
    topic = deployer.physical_id("Topic")
    held = client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    (seen,) = client("sns").list_subscriptions()["Subscriptions"]
    deployer.destroy()

    assert json.loads(held)["Statement"][0]["Resource"] == topic
    assert seen["Endpoint"] == "ops@example.com"
    assert client("sns").list_subscriptions()["Subscriptions"] == []


def test_a_rule_for_what_leaves_a_security_group(deployer: Deployer, client: Client) -> None:
    """EC2 shows the rule; another port makes another one."""
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d", "VpcId": vpc}}

    def rule(port: int) -> dict[str, Any]:
        return {
            "Type": "AWS::EC2::SecurityGroupEgress",
            "Properties": {
                "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "CidrIp": "10.0.0.0/16",
            },
        }

    def ports() -> list[int]:
        (described,) = client("ec2").describe_security_groups(GroupIds=[deployer.physical_id("Group")])[
            "SecurityGroups"
        ]
        return [item["FromPort"] for item in described["IpPermissionsEgress"] if "FromPort" in item]

    deployer.deploy({"Group": group, "Rule": rule(6379)})
    first = ports()
    deployer.deploy({"Group": group, "Rule": rule(6380)})

    assert (first, ports()) == ([6379], [6380])


def test_a_refusal_of_a_service_is_the_reason(deployer: Deployer, client: Client) -> None:
    """A stack whose schedule has a name that is taken is rolled back, says why, and leaves the other schedule."""
    properties = {
        "Name": "taken",
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "arn:aws:sqs:eu-west-1:123456789012:x", "RoleArn": "arn:aws:iam::1:role/x"},
    }
    client("scheduler").create_schedule(**properties)
    stack = deployer.deploy({"Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": properties}})
    events = client("cloudformation").describe_stack_events(StackName="services")["StackEvents"]

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("ConflictException" in event.get("ResourceStatusReason", "") for event in events)
    assert [item["Name"] for item in client("scheduler").list_schedules()["Schedules"]] == ["taken"]

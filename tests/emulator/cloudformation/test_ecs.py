"""Clusters, task definitions and services of ECS: what a stack makes of them is what their API shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.wire import make_subnets

if TYPE_CHECKING:
    from tests.emulator.cloudformation.stack_of import StackOf

ROLE = "arn:aws:iam::123456789012:role/{}"


def ecs(kind: str, **properties: Any) -> dict[str, Any]:
    """Return a resource of ECS for a template."""
    return {"Type": f"AWS::ECS::{kind}", "Properties": properties}


def definition(colour: str = "red", **properties: Any) -> dict[str, Any]:
    """Return a task definition as the CDK writes it; numbers may be text."""
    container = {
        "Name": "Web",
        "Image": "web:1",
        "Command": ["serve"],
        "Environment": [{"Name": "COLOUR", "Value": colour}],
        "Secrets": [{"Name": "WORD", "ValueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:word"}],
        "DockerLabels": {"Team": "shop"},
        "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "g"}},
        "StopTimeout": "20",
    }
    return ecs(
        "TaskDefinition",
        Family="web",
        ContainerDefinitions=[container],
        Cpu="256",
        Memory="512",
        NetworkMode="awsvpc",
        RequiresCompatibilities=["FARGATE"],
        TaskRoleArn=ROLE.format("task"),
        ExecutionRoleArn=ROLE.format("execution"),
        **properties,
    )


def test_a_task_definition_is_what_the_template_says(stack: StackOf) -> None:
    """With its roles; names that a user chose keep their letters."""
    stack.deploy({"Task": definition()})
    found = stack.client("ecs").describe_task_definition(taskDefinition=stack.id_of("Task"))["taskDefinition"]
    (container,) = found["containerDefinitions"]

    assert (found["taskRoleArn"], found["executionRoleArn"]) == (ROLE.format("task"), ROLE.format("execution"))
    assert container["environment"] == [{"name": "COLOUR", "value": "red"}]
    assert container["secrets"][0]["name"] == "WORD"
    assert container["dockerLabels"] == {"Team": "shop"}
    assert container["logConfiguration"]["options"] == {"awslogs-group": "g"}
    assert container["stopTimeout"] == 20


def test_a_change_is_a_further_revision_and_the_service_follows(stack: StackOf) -> None:
    """The revision before is inactive; the same again is no change, and only a tag is none either."""
    subnets = make_subnets(stack.client, "a")
    network = {"AwsvpcConfiguration": {"Subnets": subnets, "SecurityGroups": [], "AssignPublicIp": "DISABLED"}}

    def resources(colour: str, count: str, **properties: Any) -> dict[str, Any]:
        return {
            "Cluster": ecs("Cluster", ClusterSettings=[{"Name": "containerInsights", "Value": "enabled"}]),
            "Task": definition(colour, **properties),
            "Service": ecs(
                "Service",
                Cluster={"Ref": "Cluster"},
                TaskDefinition={"Ref": "Task"},
                DesiredCount=count,
                LaunchType="FARGATE",
                NetworkConfiguration=network,
            ),
        }

    shown = {"Name": {"Fn::GetAtt": ["Service", "Name"]}, "Cluster": {"Fn::GetAtt": ["Cluster", "Arn"]}}
    outputs = stack.deploy(resources("red", "1"), shown)
    first = stack.id_of("Task")
    stack.deploy(resources("blue", "2"), shown)
    second = stack.id_of("Task")
    stack.deploy(resources("blue", "2", Tags=[{"Key": "a", "Value": "b"}]), shown)
    api = stack.client("ecs")
    (service,) = api.describe_services(cluster=outputs["Cluster"], services=[outputs["Name"]])["services"]

    assert (service["taskDefinition"], service["desiredCount"]) == (second, 2)
    assert service["networkConfiguration"]["awsvpcConfiguration"]["subnets"] == subnets
    assert stack.id_of("Task") == second != first
    assert api.describe_task_definition(taskDefinition=first)["taskDefinition"]["status"] == "INACTIVE"
    assert api.list_tags_for_resource(resourceArn=second)["tags"] == [{"key": "a", "value": "b"}]


def test_what_fails_behind_it_takes_a_revision_back(stack: StackOf) -> None:
    """The revision of before is the one that counts again."""
    stack.deploy({"Task": definition("red")})
    first = stack.id_of("Task")
    broken = ecs("Service", Cluster="nowhere", TaskDefinition={"Ref": "Task"})
    ended = stack.attempt({"Task": definition("blue"), "Service": broken})

    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.id_of("Task") == first
    active = stack.client("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
    assert [arn for arn in active if ":task-definition/web:" in arn] == [first]


def test_nothing_is_left_of_a_service(stack: StackOf) -> None:
    """Nor of its cluster."""
    stack.deploy(
        {
            "Cluster": ecs("Cluster"),
            "Task": definition(),
            "Service": ecs("Service", Cluster={"Ref": "Cluster"}, TaskDefinition={"Ref": "Task"}),
        }
    )
    cluster = stack.id_of("Cluster")
    assert stack.destroy() == "DELETE_COMPLETE"

    api = stack.client("ecs")
    (gone,) = api.describe_clusters(clusters=[cluster])["clusters"]
    assert gone["status"] == "INACTIVE"
    listed = api.list_services(cluster=cluster)["serviceArns"]
    assert [item["status"] for item in api.describe_services(cluster=cluster, services=listed)["services"]] == [
        "INACTIVE"
    ]

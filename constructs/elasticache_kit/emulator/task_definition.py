"""Task definitions as they were deployed: which container is meant, and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from elasticache_kit.emulator import image
from elasticache_kit.errors import EmulatorError, NotFoundError

Clients = Callable[[str], Any]
SERVICE, DEFINITION = "AWS::ECS::Service", "AWS::ECS::TaskDefinition"
DEFAULT_STOP_SECONDS = 30
# What DescribeServices takes.
MOST_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a task definition.

    Args:
        task_definition: its family and revision, such as `shop:3`.
        name: its name there.
        image: its image.
        command: its entry point and its command; empty where the image says it.
        environment: its variables.
        secrets: the variables whose values are secrets, and where each is: an ARN of Secrets Manager, possibly with the
            key, the stage and the version behind it, or a parameter of Systems Manager.
        task_role: what it may do; None without a role.
        execution_role: by which its secrets are read; None without a role.
        stop_seconds: how long it has after it was told to end.
    """

    task_definition: str
    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    task_role: str | None
    execution_role: str | None
    stop_seconds: int


def find(clients: Clients, name: str, container: str | None = None) -> Container:
    """Find a container.

    Args:
        clients: makes boto3 clients by service.
        name: a stack, an ECS service, or a task definition by its family, or family and revision.
        container: its name. Default: the only one that there is.

    Raises:
        NotFoundError: there is none of the name, with what there is.
        EmulatorError: there are several.
    """
    found = [item for definition in _definitions(clients, name) for item in _containers(definition)]
    fitting = [item for item in found if container in (None, item.name)]
    if len(fitting) == 1:
        return fitting[0]
    listed = ", ".join(f"{item.name} (of {item.task_definition})" for item in found)
    if not fitting:
        raise NotFoundError(f"{name} has no container {container}; it has {listed}.")
    if container is None:
        raise EmulatorError(f"{name} has several containers: choose one with --container. They are {listed}.")
    raise EmulatorError(f"{name} has several containers {container}: name its task definition. They are {listed}.")


def folder(clients: Clients, container: Container) -> Path:
    """Return the folder that the image of a container is built from.

    Raises:
        NotFoundError: the image is not one that was deployed here, or its folder is gone.
    """
    reference = image.Reference.read(container.image)
    remedy = "name the folder to run in with --code"
    if reference is None:
        raise NotFoundError(
            f"The image of {container.name} is {container.image}, which is no asset of an app: what is in it is not "
            f"known here. Use ecs.ContainerImage.from_asset, or {remedy}."
        )
    found = image.folder_of(clients("ecr"), reference.repository, reference.tag)
    if found is None:
        raise NotFoundError(f"{container.image} was not published here: deploy its stack again, or {remedy}.")
    if not found.is_dir():
        raise NotFoundError(f"{found}, the folder of {container.image}, is gone: {remedy}.")
    return found


def _definitions(clients: Clients, name: str) -> list[dict[str, Any]]:
    named = _of_stack(clients, name) or _of_service(clients, name) or [name]
    try:
        return [clients("ecs").describe_task_definition(taskDefinition=item)["taskDefinition"] for item in named]
    except ClientError as error:
        raise NotFoundError(f"There is no stack, ECS service or task definition {name}. {_known(clients)}") from error


def _of_stack(clients: Clients, name: str) -> list[str]:
    try:
        resources = clients("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    except ClientError:
        return []
    of_type = {
        # moto gives the CDK's own metadata no type.
        kind: [item["PhysicalResourceId"] for item in resources if item.get("ResourceType") == kind]
        for kind in (SERVICE, DEFINITION)
    }
    if not any(of_type.values()):
        raise NotFoundError(f"The stack {name} has no ECS service and no task definition.")
    # Also those that no service runs: a migration, say.
    return of_type[DEFINITION] or [item for arn in of_type[SERVICE] for item in _of_service(clients, arn)]


def _of_service(clients: Clients, name: str) -> list[str]:
    return [item["taskDefinition"] for item in _services(clients) if name in (item["serviceName"], item["serviceArn"])]


def _services(clients: Clients) -> Iterator[dict[str, Any]]:
    ecs = clients("ecs")
    for cluster in ecs.list_clusters()["clusterArns"]:
        arns = [
            arn for page in ecs.get_paginator("list_services").paginate(cluster=cluster) for arn in page["serviceArns"]
        ]
        for at in range(0, len(arns), MOST_AT_ONCE):
            found = ecs.describe_services(cluster=cluster, services=arns[at : at + MOST_AT_ONCE])["services"]
            yield from (item for item in found if item["status"] == "ACTIVE")


def _known(clients: Clients) -> str:
    services = [item["serviceName"] for item in _services(clients)]
    families: Sequence[str] = clients("ecs").list_task_definition_families()["families"]
    return f"Services: {', '.join(services) or 'none'}. Task definitions: {', '.join(families) or 'none'}."


def _containers(definition: Mapping[str, Any]) -> Iterator[Container]:
    for item in definition["containerDefinitions"]:
        if item.get("environmentFiles"):
            raise EmulatorError(f"The local emulator reads no environmentFiles, and {item['name']} has some.")
        yield Container(
            task_definition=f"{definition['family']}:{definition['revision']}",
            name=item["name"],
            image=item["image"],
            command=(*item.get("entryPoint", ()), *item.get("command", ())),
            environment={pair["name"]: pair["value"] for pair in item.get("environment", ())},
            secrets={pair["name"]: pair["valueFrom"] for pair in item.get("secrets", ())},
            task_role=definition.get("taskRoleArn") or None,
            execution_role=definition.get("executionRoleArn") or None,
            stop_seconds=int(item.get("stopTimeout", DEFAULT_STOP_SECONDS)),
        )

"""LocalAccount: an AWS account on this machine, for one test or one script."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from elasticache_kit.emulator import assembly, image, local_environment
from elasticache_kit.errors import EmulatorError, NotFoundError, WaitTimeoutError

if TYPE_CHECKING:
    from elasticache_kit.emulator.assembly import AssetFile, AssetImage, Deployable
    from elasticache_kit.emulator.server import Emulator

BOOTSTRAP_VERSION = "BootstrapVersion"
NEWEST_BOOTSTRAP = "1000"
PATIENCE_SECONDS = 600
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack that was deployed.

    Args:
        stack_name: its name.
        outputs: its outputs by their names.
        physical_ids: what Ref returns of each resource, by logical id.
        account: where it is.
    """

    stack_name: str
    outputs: Mapping[str, str]
    physical_ids: Mapping[str, str]
    account: LocalAccount

    def client(self, service: str) -> Any:
        """Return a boto3 client that leads to where the stack is."""
        return self.account.client(service)

    def destroy(self) -> None:
        """Delete the stack and return when it is gone.

        Raises:
            EmulatorError: a resource would not go.
        """
        self.account.destroy(self.stack_name)


class LocalAccount:
    """An account of a running emulator: clients, deployments, and the environment that leads there.

    Args:
        emulator: the emulator.
        region: the Region to play.
    """

    def __init__(self, emulator: Emulator, region: str = local_environment.DEFAULT_REGION) -> None:
        self.emulator = emulator
        self.region = region

    @property
    def endpoint_url(self) -> str:
        """Where the API answers."""
        return self.emulator.endpoint_url

    @property
    def account_id(self) -> str:
        """The number of the account."""
        return self.emulator.account_id

    def environment(self) -> dict[str, str]:
        """Return the variables that lead boto3 and every other AWS SDK here, with credentials that open nothing."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": local_environment.ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": local_environment.SECRET_ACCESS_KEY,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, *, region: str | None = None) -> Any:
        """Return a boto3 client that leads here, whatever the environment says.

        Args:
            service: the service by boto3's name.
            region: another Region. Default: the account's.
        """
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=region or self.region,
            aws_access_key_id=local_environment.ACCESS_KEY_ID,
            aws_secret_access_key=local_environment.SECRET_ACCESS_KEY,
        )

    def deploy(self, what: object, *, name: str | None = None, parameters: Mapping[str, str] | None = None) -> Deployed:
        """Deploy a stack, with those that it depends on, and return when it is complete; again updates it.

        Args:
            what: a CDK stack, a template as a mapping, or the path of a template or of a cloud assembly.
            name: see `assembly.deployables`.
            parameters: values of the template's parameters. Default: those of the template.

        Returns:
            The last of the stacks: the one that was asked for.

        Raises:
            EmulatorError: it cannot be deployed, or a resource failed; the message has its reason.
        """
        stacks = assembly.deployables(what, name)
        for stack in stacks[:-1]:
            self._deploy(stack, {})
        return self._deploy(stacks[-1], parameters or {})

    @contextlib.contextmanager
    def fault(self, kind: str, **members: Any) -> Generator[dict[str, Any]]:
        """Break something for as long as the block goes on, see docs/faults.md, and give what is said of it.

        Args:
            kind: what breaks, for example `api-throttling`.
            members: what the kind is told, without the Region.

        Raises:
            RefusedError: the order is not complete, or nothing runs that it could be about; with all reasons.
        """
        outages = self.emulator.outages
        begun = outages.begin({"kind": kind, "Region": self.region, **members})
        try:
            yield begun.describe()
        finally:
            # Whoever was inside may have ended it by itself.
            with contextlib.suppress(NotFoundError):
                outages.end(begun.outage_id)

    def destroy(self, stack_name: str) -> None:
        """Delete a stack and return when it is gone.

        Raises:
            EmulatorError: a resource would not go.
        """
        cloudformation = self.client("cloudformation")
        try:
            stack_id = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]["StackId"]
        except ClientError as error:
            raise EmulatorError(f"there is no stack {stack_name}: {error}") from error
        cloudformation.delete_stack(StackName=stack_name)
        self._settle(stack_id, "DELETE_COMPLETE")

    def _deploy(self, stack: Deployable, parameters: Mapping[str, str]) -> Deployed:
        for file in stack.files:
            self._upload(file)
        for item in stack.images:
            self._push(item)
        self._bootstrap(stack.body)
        cloudformation = self.client("cloudformation")
        exists = _exists(cloudformation, stack.name)
        send = partial(
            cloudformation.update_stack if exists else cloudformation.create_stack,
            StackName=stack.name,
            TemplateBody=stack.body,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        try:
            send()
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise EmulatorError(f"stack {stack.name} was refused: {error}") from error
        described = self._settle(stack.name, "UPDATE_COMPLETE" if exists else "CREATE_COMPLETE", "CREATE_COMPLETE")
        resources = cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"]
        return Deployed(
            stack_name=stack.name,
            outputs={item["OutputKey"]: item["OutputValue"] for item in described.get("Outputs", [])},
            physical_ids={item["LogicalResourceId"]: item.get("PhysicalResourceId", "") for item in resources},
            account=self,
        )

    def _upload(self, file: AssetFile) -> None:
        store, bucket = self.client("s3"), assembly.located(file.bucket, self.account_id, self.region)
        # S3 takes every Region by name but its first one.
        place = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
        with contextlib.suppress(store.exceptions.BucketAlreadyOwnedByYou):
            store.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {}))
        store.put_object(Bucket=bucket, Key=file.key, Body=file.content())

    def _push(self, item: AssetImage) -> None:
        registry, name = self.client("ecr"), assembly.located(item.repository, self.account_id, self.region)
        with contextlib.suppress(registry.exceptions.RepositoryAlreadyExistsException):
            registry.create_repository(repositoryName=name)
        store, called = image.ImageStore(self.emulator.directory / image.IMAGES), f"{name}:{item.tag}"
        image.publish(registry, name, item.tag, store.find(called) or store.build(called, item.source))

    def _bootstrap(self, body: str) -> None:
        """Say that the account is bootstrapped where a template of the CDK asks for that."""
        parameters: dict[str, Any] = json.loads(body).get("Parameters", {}) if body.lstrip().startswith("{") else {}
        asked = parameters.get(BOOTSTRAP_VERSION, {})
        if asked.get("Type", "").startswith("AWS::SSM::Parameter") and "Default" in asked:
            self.client("ssm").put_parameter(
                Name=asked["Default"], Value=NEWEST_BOOTSTRAP, Type="String", Overwrite=True
            )

    def _settle(self, stack: str, *good: str) -> dict[str, Any]:
        """Wait until a stack is at rest, and describe it."""
        cloudformation, deadline = self.client("cloudformation"), time.monotonic() + PATIENCE_SECONDS
        described: dict[str, Any] = {}
        while time.monotonic() < deadline:
            described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
            if not described["StackStatus"].endswith("IN_PROGRESS"):
                break
            time.sleep(POLL_SECONDS)
        else:
            raise WaitTimeoutError(f"stack {stack} is still {described['StackStatus']} after {PATIENCE_SECONDS} s")
        if described["StackStatus"] in good:
            return described
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        reasons = [
            f"  {event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', '')}"
            for event in events
            if event["ResourceStatus"].endswith("_FAILED")
        ]
        raise EmulatorError("\n".join([f"stack {stack} ended in {described['StackStatus']}:", *reversed(reasons)]))


def _exists(cloudformation: Any, stack_name: str) -> bool:
    try:
        return bool(cloudformation.describe_stacks(StackName=stack_name)["Stacks"])
    except ClientError:
        return False

"""The two templates of every stack that a deployment would touch, from files and from the account, compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.errors import ConnectionFailedError, ValidationError
from elasticache_kit.model.change import Kind, ResourceChange, StackChange
from elasticache_kit.ops import session, stack
from elasticache_kit.template import assembly, document, parameter
from elasticache_kit.template.accepted_loss import accepted
from elasticache_kit.template.comparison import Comparison, Side, unfollowed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from elasticache_kit.ops.stack import DeployedStack
    from elasticache_kit.template.assembly import AssemblyStack
    from elasticache_kit.template.document import Template

_ENVIRONMENT = re.compile(r"aws://([^/]+)/(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What is deployed under a name.

    Args:
        against: where it comes from, in words.
        template: the deployed template; None where nothing is deployed.
        parameters: the values of its parameters; None where they are not at hand.
        stack_id: the ARN of the stack; None where it comes from a file.
        busy: whether it is being changed right now.
    """

    against: str
    template: Template | None = None
    parameters: Mapping[str, str] | None = None
    stack_id: str | None = None
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """The account that stacks are deployed to.

    Args:
        region: the Region of stacks whose own is not fixed; that of the environment when None.
        profile: the AWS profile; that of the environment when None.
    """

    region: str | None = None
    profile: str | None = None
    _clients: dict[str | None, CloudFormationClient] = field(default_factory=dict[str | None, "CloudFormationClient"])

    def stack(self, name: str, environment: str = "") -> Deployed:
        """Return what is deployed under the name or ARN of a stack.

        Raises:
            ConnectionFailedError: the API cannot be reached, or the credentials are of another account.
        """
        client = self._client(environment)
        found = stack.read(client, name)
        where = f"the stack in {client.meta.region_name}"
        return Deployed(against=where) if found is None else _from_account(found, where)

    def nested(self, parent: Deployed, logical_id: str, environment: str = "") -> Deployed:
        """Return what is deployed as a stack nested in another."""
        client = self._client(environment)
        found = stack.nested_id(client, parent.stack_id, logical_id) if parent.stack_id else None
        return self.stack(found, environment) if found else Deployed(against=parent.against)

    def _client(self, environment: str) -> CloudFormationClient:
        account, region = _parts(environment)
        region = region or self.region
        if region not in self._clients:
            self._require(account, region)
            self._clients[region] = session.cloudformation(region=region, profile=self.profile)
        return self._clients[region]

    def _require(self, account: str | None, region: str | None) -> None:
        # In another account nothing would be deployed, and everything would look new and harmless.
        own = session.account(region=region, profile=self.profile) if account else None
        if account != own:
            raise ConnectionFailedError(
                f"the stacks are for account {account}, and the credentials are of {own}: "
                "sign in there, or choose it with --profile"
            )


def of_assembly(directory: Path, account: Account, names: Iterable[str]) -> Iterator[StackChange]:
    """Compare the stacks of a cloud assembly with the account.

    Args:
        directory: the cloud assembly.
        account: the account.
        names: the stacks to compare, all when empty.

    Raises:
        ValidationError: a name is not in the assembly.
        DocumentError: a file cannot be read.
    """
    stacks = assembly.read(directory)
    chosen = _chosen(stacks, names)
    known: dict[str, tuple[Deployed, Comparison]] = {}
    for item in stacks:
        if item.name not in chosen:
            continue
        above = known.get(item.parent) if item.parent else None
        own = item.name.rpartition("/")[2]
        deployed = (
            account.nested(above[0], own, item.environment) if above else account.stack(item.name, item.environment)
        )
        given = above[1].nested_parameters(own) if above else None
        comparison = _comparison(deployed, item.template, given)
        known[item.name] = deployed, comparison
        inside = {other.name.rpartition("/")[2] for other in stacks if other.parent == item.name}
        yield _change(item.name, deployed, item.template, comparison, inside)
        for logical_id, kind in comparison.nested().items():
            if kind is Kind.REMOVED:
                gone = account.nested(deployed, logical_id, item.environment)
                yield StackChange(
                    name=f"{item.name}/{logical_id}", against=gone.against, changes=_comparison(gone, None).changes()
                )


def of_template(new: Template, deployed: Deployed, name: str) -> StackChange:
    """Compare one template with what is deployed."""
    return _change(name, deployed, new, _comparison(deployed, new), frozenset())


def from_file(path: str) -> Deployed:
    """Return a deployed template that stands in a file.

    Raises:
        DocumentError: it cannot be read.
    """
    return Deployed(against=path, template=document.read(path))


def _from_account(found: DeployedStack, where: str) -> Deployed:
    return Deployed(
        against=where,
        template=document.parse(found.template, f"the deployed template of {found.stack_id}"),
        parameters=found.parameters,
        stack_id=found.stack_id,
        busy=found.busy,
    )


def _chosen(stacks: Iterable[AssemblyStack], names: Iterable[str]) -> set[str]:
    known = {item.name: item.parent for item in stacks}
    asked = set(names) or set(known)
    missing = sorted(asked - set(known))
    if missing:
        raise ValidationError(
            f"there is no stack {', '.join(map(repr, missing))} in the cloud assembly; there are: {', '.join(known)}"
        )
    # A nested stack goes with the one that it is in.
    return {name for name in known if name in asked or any(name.startswith(f"{one}/") for one in asked)}


def _comparison(deployed: Deployed, new: Template | None, given: Mapping[str, object] | None = None) -> Comparison:
    old = deployed.template
    return Comparison(
        None if old is None else Side(template=old, values=parameter.before(old, deployed.parameters)),
        None if new is None else Side(template=new, values=parameter.after(new, old, deployed.parameters, given)),
    )


def _change(
    name: str, deployed: Deployed, new: Template, comparison: Comparison, followed: Iterable[str]
) -> StackChange:
    nested = comparison.nested()
    blind = [
        unfollowed(logical_id, kind)
        for logical_id, kind in nested.items()
        if kind is not Kind.NEW and logical_id not in followed and not (kind is Kind.REMOVED and deployed.stack_id)
    ]
    changes: tuple[ResourceChange, ...] = (*comparison.changes(), *blind)
    return StackChange(
        name=name,
        against=deployed.against,
        deployed=deployed.template is not None,
        changes=changes,
        acknowledged=accepted(deployed.template, new),
        notes=("the stack is being changed right now: compare again when it is at rest",) if deployed.busy else (),
    )


def _parts(environment: str) -> tuple[str | None, str | None]:
    """Return the account and the Region that a stack of a cloud assembly is fixed to."""
    found = _ENVIRONMENT.fullmatch(environment)
    account, region = found.groups() if found else ("unknown-account", "unknown-region")
    return None if account == "unknown-account" else account, None if region == "unknown-region" else region

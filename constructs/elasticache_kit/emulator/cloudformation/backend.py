"""CloudFormation of one account and region, over moto's, with stacks that deploy in the background and roll back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from moto.cloudformation import urls as stock_urls
from moto.cloudformation.exceptions import AlreadyExistsException, ValidationError
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.utils import generate_changeset_id, generate_stack_id

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.cloudformation import deployable, resource_import
from elasticache_kit.emulator.cloudformation import template as templates
from elasticache_kit.emulator.cloudformation.change_set import ChangeSetNotFoundError, LocalChangeSet
from elasticache_kit.emulator.cloudformation.crossing import Crossing
from elasticache_kit.emulator.cloudformation.deployment import Deployment
from elasticache_kit.emulator.cloudformation.stack import LocalStack

if TYPE_CHECKING:
    from elasticache_kit.emulator.lifecycle import Job

# The CDK CLI looks at a stack at once and then every five seconds: an answer that waits for a stack that is as good as
# ready saves it a whole turn.
PATIENCE_SECONDS = 2


class LocalCloudFormationBackend(CloudFormationBackend):
    """moto's backend; everything that moves a stack goes through `Deployment`."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # Stacks deploy side by side, and whoever goes through one of these must not fall over another's end.
        self.stacks = Crossing()
        self.deleted_stacks = Crossing()
        self.exports = Crossing()
        self.change_sets = Crossing()
        # The stacks that drift was looked for in, by the id of that look.
        self.detections: dict[str, LocalStack] = {}

    @property
    def _url_module(self) -> Any:
        return stock_urls

    def create_stack(  # pyright: ignore[reportIncompatibleMethodOverride] - moto gives the options by keyword
        self, name: str, template: str, parameters: dict[str, Any], **options: Any
    ) -> LocalStack:
        """Start to deploy a new stack."""
        if any(stack.name == name for stack in self.stacks.values()):
            raise AlreadyExistsException(f"Stack [{name}] already exists")
        deployable.refuse_unsupported(template)
        stack = self._new_stack(name, parameters, **options)
        deployment = Deployment(stack)
        self._start(stack, lambda: deployment.create(template, parameters), deployment)
        return stack

    def update_stack(
        self, name: str, template: str, role_arn: str | None, parameters: Any, tags: dict[str, str] | None
    ) -> LocalStack:
        """Start to deploy a further template."""
        stack = self.local(name)
        self._refuse_busy(stack)
        deployable.refuse_unsupported(template)
        resolved = self.resolve_parameters(stack, parameters)
        stack.role_arn = role_arn
        if tags is not None:
            stack.tags = tags
        deployment = Deployment(stack)
        self._start(stack, lambda: deployment.update(template, resolved), deployment)
        return stack

    def delete_stack(self, name_or_stack_id: str) -> None:
        """Start to remove a stack; one that does not exist counts as removed."""
        try:
            stack = self.local(name_or_stack_id)
        except ValidationError:
            return
        if stack.stack_id in self.deleted_stacks:
            return
        if stack.enable_termination_protection:
            raise ValidationError(
                message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        self._refuse_busy(stack)
        self._start(stack, lambda: self._delete(stack), status="DELETE_IN_PROGRESS")

    def create_change_set(  # noqa: PLR0917 - moto's signature
        self,
        stack_name: str,
        change_set_name: str,
        template: str,
        parameters: dict[str, str],
        description: str,
        change_set_type: str,
        notification_arns: list[str] | None = None,
        tags: dict[str, str] | None = None,
        role_arn: str | None = None,
        resources_to_import: Sequence[Mapping[str, Any]] = (),
    ) -> tuple[str, str]:
        """Work out what a template would change; a stack that is new stays in review until the set is executed."""
        deployable.refuse_unsupported(template)
        stack = self.find_stack(stack_name)
        importing = change_set_type == "IMPORT"
        imports = resource_import.read(resources_to_import, templates.parse(template), stack) if importing else []
        if change_set_type == "UPDATE":
            if stack is None:
                raise ValidationError(stack_name)
            self._refuse_busy(stack)
        elif stack is None:
            stack = self._new_stack(
                stack_name, parameters, notification_arns=notification_arns, tags=tags, role_arn=role_arn
            )
            stack.enter("REVIEW_IN_PROGRESS", "User Initiated")
        elif importing:
            self._refuse_busy(stack)
        elif stack.status != "REVIEW_IN_PROGRESS":
            raise ValidationError(
                message=f"Stack [{stack_name}] already exists and cannot be created again with the changeSet "
                f"[{change_set_name}]."
            )
        change_set_id = generate_changeset_id(change_set_name, self.region_name, self.account_id)
        made = LocalChangeSet(
            change_set_type=change_set_type,
            change_set_id=change_set_id,
            change_set_name=change_set_name,
            stack=stack,
            template=template,
            parameters=parameters,
            description=description,
            notification_arns=notification_arns,
            tags=tags,
            role_arn=role_arn,
            imports=imports,
        )
        change_set = cast("LocalChangeSet", made)  # moto declares what its models construct as their base class
        change_set.judge(resource_import.problem(imports, stack, cast("Iterable[LocalStack]", self.stacks.values())))
        self.change_sets[change_set_id] = change_set
        return change_set_id, stack.stack_id

    def find_stack(self, name: str) -> LocalStack | None:
        """Find a stack that is not deleted by its name or id; None where there is none."""
        found = [stack for stack in self.stacks.values() if name in (stack.name, stack.stack_id)]
        return cast("LocalStack | None", found[0] if found else None)

    def find_change_set(self, name: str, stack_name: str | None) -> LocalChangeSet:
        """Find a change set by its ARN, or by its name within a stack: all CDK stacks use the same name."""
        for change_set_id, change_set in reversed(self.change_sets.items()):
            stack_fits = stack_name is None or stack_name in (change_set.stack_name, change_set.stack_id)
            if change_set_id == name or (change_set.change_set_name == name and stack_fits):
                return change_set  # pyright: ignore[reportReturnType] - only ours are stored here
        raise ChangeSetNotFoundError(name)

    def execute_change_set(self, change_set_name: str, stack_name: str | None = None) -> None:
        """Start to deploy what a change set describes."""
        change_set = self.find_change_set(change_set_name, stack_name)
        stack = change_set.stack
        if change_set.execution_status != "AVAILABLE":
            raise ValidationError(
                message=f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current status of "
                f"[{change_set.status}]"
            )
        change_set.execution_status = "EXECUTE_IN_PROGRESS"
        if change_set.tags is not None:
            stack.tags = change_set.tags

        deployment, arguments = Deployment(stack), (change_set.template, change_set.parameters)

        def run() -> None:
            if change_set.change_set_type == "IMPORT":
                deployment.adopt(*arguments, change_set.imports)
            elif change_set.change_set_type == "CREATE":
                deployment.create(*arguments)
            else:
                deployment.update(*arguments)
            change_set.execution_status = "EXECUTE_COMPLETE"
            self._forget_change_sets(stack)

        importing = change_set.change_set_type == "IMPORT"
        self._start(stack, run, deployment, status="IMPORT_IN_PROGRESS" if importing else None)

    @staticmethod
    def resolve_parameters(stack: LocalStack | None, given: list[dict[str, Any]]) -> dict[str, str]:
        """Turn the API's parameter list into values; UsePreviousValue without one falls back to the default."""
        previous = stack.parameters if stack else {}
        values: dict[str, str] = {}
        for parameter in given:
            key = parameter["ParameterKey"]
            if parameter.get("UsePreviousValue"):
                if key in previous:
                    values[key] = previous[key]
            else:
                values[key] = parameter["ParameterValue"]
        return values

    def _new_stack(self, name: str, parameters: dict[str, Any], **options: Any) -> LocalStack:
        made = LocalStack(
            stack_id=generate_stack_id(name, self.region_name, self.account_id),
            name=name,
            template={},
            parameters=parameters,
            account_id=self.account_id,
            region_name=self.region_name,
            **options,
        )
        stack = cast("LocalStack", made)  # as above
        stack.cross_stack_resources = self.exports
        stack.resource_map.cross_stack_resources = self.exports
        self.stacks[stack.stack_id] = stack
        return stack

    def _start(
        self,
        stack: LocalStack,
        job: Callable[[], None],
        deployment: Deployment | None = None,
        *,
        status: str | None = None,
    ) -> None:
        # The status changes before the call answers: a client that polls at once must not see the old one.
        new = stack.status in {"REVIEW_IN_PROGRESS", "CREATE_PENDING"}
        stack.status = status or ("CREATE_IN_PROGRESS" if new else "UPDATE_IN_PROGRESS")

        def guarded(act: Callable[[], None]) -> None:
            try:
                act()
            except Exception:
                stack.status = f"{stack.status.split('_')[0]}_FAILED"
                raise
            finally:
                self._refresh_exports(stack)

        def settle(cut: Job) -> None:
            if deployment is not None:  # a removal begins again instead
                guarded(partial(deployment.cut_off, cut.making))
            self._forget_change_sets(stack)

        runtime.current().lifecycle.start(
            f"stack {stack.name}",
            lambda: guarded(job),
            patience_seconds=PATIENCE_SECONDS,
            settle=settle if deployment else None,
        )

    def _delete(self, stack: LocalStack) -> None:
        users = self._importers(stack)
        if users:
            for export, name in users:
                stack.enter("DELETE_FAILED", f"Export {export} cannot be deleted as it is in use by {name}")
            return
        if Deployment(stack).delete():
            self.stacks.pop(stack.stack_id, None)
            self.deleted_stacks[stack.stack_id] = stack
            self._forget_change_sets(stack)

    def _importers(self, stack: LocalStack) -> list[tuple[str, str]]:
        mine = {name for name, export in self.exports.items() if export.exporting_stack_id == stack.stack_id}
        return [
            (export, other.name)
            for other in self.stacks.values()
            if other is not stack and other.status != "REVIEW_IN_PROGRESS"
            for export in sorted(mine & templates.imports(other.template_dict))
        ]

    def _forget_change_sets(self, stack: LocalStack) -> None:
        # An executed or orphaned set would be taken for the next one, which bears the same name.
        for change_set_id in [key for key, item in self.change_sets.items() if item.stack_id == stack.stack_id]:
            del self.change_sets[change_set_id]

    def _refresh_exports(self, stack: LocalStack) -> None:
        now = {export.name: export for export in stack.exports} if stack.deployed else {}
        # What stays is there at every moment: another stack may read it right now.
        self.exports.update(now)
        for name, export in self.exports.items():
            if export.exporting_stack_id == stack.stack_id and name not in now:
                self.exports.pop(name, None)

    def local(self, name_or_stack_id: str) -> LocalStack:
        """Find a stack by its name or id.

        Raises:
            ValidationError: there is none.
        """
        return self.get_stack(name_or_stack_id)  # pyright: ignore[reportReturnType] - only ours are stored here

    @staticmethod
    def _refuse_busy(stack: LocalStack) -> None:
        if stack.status.endswith("_IN_PROGRESS") and stack.status != "REVIEW_IN_PROGRESS":
            raise ValidationError(message=f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")

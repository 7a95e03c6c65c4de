"""AWS::StepFunctions::StateMachine, which moto makes without DefinitionSubstitutions and with too long a name."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.stepfunctions.models import StateMachine as StockStateMachine

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource, retag, short_name

LONGEST_NAME = 80
_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9_-]+)\}")
# What CreateStateMachine and UpdateStateMachine call otherwise.
_SETTINGS = {"LoggingConfiguration": "loggingConfiguration", "TracingConfiguration": "tracingConfiguration"}


class StateMachineResource(ServiceResource, CloudFormationModel):
    """A state machine, kept by moto's Step Functions; see `execution` for what runs."""

    NAME = "StateMachineName"
    ATTRIBUTES = frozenset({"Arn", "Name"})
    REPLACED_BY = frozenset({"StateMachineName", "StateMachineType"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        # Named by moto's own class, which must be there before ours: of two classes of one type moto takes the later.
        return StockStateMachine.cloudformation_type()

    def create(self) -> None:
        """Call CreateStateMachine; Ref is the ARN."""
        self.name = short_name(self.name, LONGEST_NAME)
        made = self.place.call(
            "stepfunctions",
            "create_state_machine",
            name=self.name,
            type=self.properties.get("StateMachineType"),
            tags=_lower(self.properties.get("Tags")),
            **self._request(),
        )
        self.physical_resource_id = made["stateMachineArn"]
        self.attributes = {"Arn": self.physical_resource_id, "Name": self.name}

    def update(self, old: Properties) -> None:
        """Call UpdateStateMachine, and change the tags."""
        request = self._request()
        self.place.call("stepfunctions", "update_state_machine", stateMachineArn=self.physical_resource_id, **request)
        retag(self, "stepfunctions", "resourceArn", self.physical_resource_id, old, lower=True)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteStateMachine."""
        del account_id, region_name
        self.place.call("stepfunctions", "delete_state_machine", stateMachineArn=self.physical_resource_id)

    def _request(self) -> dict[str, Any]:
        given = self.properties
        values: dict[str, Any] = given.get("DefinitionSubstitutions") or {}
        text = str(given.get("DefinitionString") or json.dumps(given.get("Definition")))
        filled = _SUBSTITUTION.sub(lambda found: str(values.get(found[1], found[0])), text)
        settings = {member: _lower(given[name]) for name, member in _SETTINGS.items() if given.get(name) is not None}
        return {"definition": filled, "roleArn": given["RoleArn"], **settings}


def _lower(value: Any) -> Any:
    """Write members as the API does: CloudFormation begins them with a capital, Step Functions does not."""
    if isinstance(value, dict):
        items: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] - from a template
        return {f"{key[0].lower()}{key[1:]}": _lower(item) for key, item in items.items()}
    if isinstance(value, list):
        return [_lower(item) for item in value]  # pyright: ignore[reportUnknownVariableType] - from a template
    return {"true": True, "false": False}.get(str(value).lower(), value)

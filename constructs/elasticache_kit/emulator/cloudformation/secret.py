"""AWS::SecretsManager::Secret, its ResourcePolicy and its SecretTargetAttachment."""

from __future__ import annotations

import json
from typing import Any

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Place, Properties, ServiceResource, retag

# What GenerateSecretString calls as GetRandomPassword does; the other two members say where the password goes.
PLACEMENT = ("SecretStringTemplate", "GenerateStringKey")
# How a target is spelled in a secret, by the type of the database: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
TARGETS = {
    "AWS::RDS::DBCluster": ("describe_db_clusters", "DBClusterIdentifier", "DBClusters", "dbClusterIdentifier"),
    "AWS::RDS::DBInstance": ("describe_db_instances", "DBInstanceIdentifier", "DBInstances", "dbInstanceIdentifier"),
}


class SecretResource(ServiceResource, CloudFormationModel):
    """A secret, kept by moto's Secrets Manager; its text is generated where the template asks for that."""

    NAME = "Name"
    ATTRIBUTES = frozenset({"Id"})
    REPLACED_BY = frozenset({"Name"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::SecretsManager::Secret"

    def create(self) -> None:
        """Call CreateSecret; Ref is the ARN."""
        made = self.place.call(
            "secretsmanager",
            "create_secret",
            Name=self.name,
            SecretString=_text(self.place, self.properties),
            **{key: self.properties.get(key) for key in ("Description", "KmsKeyId", "Tags")},
        )
        self.physical_resource_id = made["ARN"]
        self.attributes = {"Id": made["ARN"]}

    def update(self, old: Properties) -> None:
        """Call UpdateSecret; a text is made anew only where what the template says of it has changed."""
        changed = any(old.get(key) != self.properties.get(key) for key in ("GenerateSecretString", "SecretString"))
        self.place.call(
            "secretsmanager",
            "update_secret",
            SecretId=self.physical_resource_id,
            SecretString=_text(self.place, self.properties) if changed else None,
            **{key: self.properties.get(key) for key in ("Description", "KmsKeyId")},
        )
        retag(self, "secretsmanager", "SecretId", self.physical_resource_id, old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteSecret without a recovery window, as CloudFormation does."""
        del account_id, region_name
        self.place.call(
            "secretsmanager", "delete_secret", SecretId=self.physical_resource_id, ForceDeleteWithoutRecovery=True
        )


class SecretResourcePolicyResource(ServiceResource, CloudFormationModel):
    """The policy of a secret."""

    ATTRIBUTES = frozenset({"Id"})
    REPLACED_BY = frozenset({"SecretId"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::SecretsManager::ResourcePolicy"

    def create(self) -> None:
        """Call PutResourcePolicy; Ref is the ARN of the secret."""
        self.physical_resource_id = self.properties["SecretId"]
        self.attributes = {"Id": self.physical_resource_id}
        self.place.call(
            "secretsmanager",
            "put_resource_policy",
            SecretId=self.physical_resource_id,
            ResourcePolicy=json.dumps(self.properties["ResourcePolicy"]),
        )

    def update(self, old: Properties) -> None:
        """Call PutResourcePolicy, which replaces the policy."""
        del old
        self.create()

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteResourcePolicy."""
        del account_id, region_name
        self.place.call("secretsmanager", "delete_resource_policy", SecretId=self.physical_resource_id)


class SecretTargetAttachmentResource(ServiceResource, CloudFormationModel):
    """What adds the address of a database to the secret that opens it."""

    ATTRIBUTES = frozenset({"Id"})
    REPLACED_BY = frozenset({"SecretId", "TargetId", "TargetType"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::SecretsManager::SecretTargetAttachment"

    def create(self) -> None:
        """Write the address into the secret; Ref is the ARN of the secret."""
        self.physical_resource_id = self.properties["SecretId"]
        self.attributes = {"Id": self.physical_resource_id}
        held = self.place.call("secretsmanager", "get_secret_value", SecretId=self.physical_resource_id)
        text = json.dumps({**json.loads(held["SecretString"]), **self._address()})
        self.place.call("secretsmanager", "put_secret_value", SecretId=self.physical_resource_id, SecretString=text)

    def update(self, old: Properties) -> None:
        """Write the address anew."""
        del old
        self.create()

    def delete(self, account_id: str, region_name: str) -> None:
        """Leave the secret as it is: it goes with its own resource, and the address harms nobody."""

    def _address(self) -> dict[str, Any]:
        operation, identifier, found, spelled = TARGETS[self.properties["TargetType"]]
        target = self.place.call("rds", operation, **{identifier: self.properties["TargetId"]})[found][0]
        endpoint = target["Endpoint"]
        host, port = (
            (endpoint, target["Port"]) if isinstance(endpoint, str) else (endpoint["Address"], endpoint["Port"])
        )
        address = {
            "engine": _family(target["Engine"]),
            "host": host,
            "port": port,
            spelled: self.properties["TargetId"],
        }
        name = target.get("DatabaseName") or target.get("DBName")
        return address | ({"dbname": name} if name else {})


def _family(engine: str) -> str:
    return {"aurora-postgresql": "postgres", "aurora-mysql": "mysql"}.get(engine, engine)


def _text(place: Place, properties: Properties) -> str:
    """Return the text that is given, or a generated one, in its place in a JSON object where that is asked for."""
    asked: dict[str, Any] | None = properties.get("GenerateSecretString")
    if asked is None:
        return str(properties.get("SecretString", ""))
    rules = {key: value for key, value in asked.items() if key not in PLACEMENT}
    password: str = place.call("secretsmanager", "get_random_password", **_typed(rules))["RandomPassword"]
    if "SecretStringTemplate" not in asked:
        return password
    return json.dumps({**json.loads(asked["SecretStringTemplate"]), asked["GenerateStringKey"]: password})


def _typed(rules: dict[str, Any]) -> dict[str, Any]:
    """Give numbers and booleans their type: a template may write them as text."""
    words = {"true": True, "false": False}
    return {
        key: int(value) if key == "PasswordLength" else words.get(str(value).lower(), value)
        for key, value in rules.items()
    }

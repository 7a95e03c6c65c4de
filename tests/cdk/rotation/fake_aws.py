"""Secrets Manager and ElastiCache as a rotation sees them: in memory, with botocore's own check of every argument."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from botocore.validate import validate_parameters

_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_SESSION = botocore.session.Session()
_MODELS = {name: _SESSION.get_service_model(name) for name in ("secretsmanager", "elasticache")}


def validate(service: str, operation: str, arguments: dict[str, Any]) -> None:
    """Raise where the real client would refuse the arguments."""
    shape = _MODELS[service].operation_model(operation).input_shape
    assert shape is not None
    validate_parameters(arguments, shape)


@dataclass
class Clock:
    """A clock that moves when somebody sleeps, and when something happens."""

    now: dt.datetime = _START
    deadline: dt.datetime = _START + dt.timedelta(minutes=15)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(seconds=seconds)

    def remaining(self) -> float:
        """Return the seconds that are left."""
        return (self.deadline - self.now).total_seconds()


class ResourceNotFoundException(Exception):  # noqa: N818 - Secrets Manager's own name
    """There is no such version."""


class _Exceptions:
    ResourceNotFoundException = ResourceNotFoundException


@dataclass
class SecretsManager:
    """One secret with its versions."""

    clock: Clock
    versions: dict[str, tuple[str, dt.datetime]] = field(default_factory=dict[str, tuple[str, dt.datetime]])
    stages: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    generated: int = 0
    exceptions: type[_Exceptions] = _Exceptions

    def begin(self, version: str) -> None:
        """Begin a rotation, as Secrets Manager does before it calls the function."""
        for labels in self.stages.values():
            if "AWSPENDING" in labels:
                labels.remove("AWSPENDING")
        self.stages[version] = ["AWSPENDING"]

    def put(self, version: str, text: str, stage: str) -> None:
        """Write a version."""
        self.clock.sleep(1)
        self.versions[version] = (text, self.clock.now)
        self.stages[version] = [stage]

    def text(self, stage: str) -> str:
        """Return the content at a stage."""
        return next(self.versions[version][0] for version, labels in self.stages.items() if stage in labels)

    def describe_secret(self, **arguments: Any) -> dict[str, Any]:
        """DescribeSecret."""
        validate("secretsmanager", "DescribeSecret", arguments)
        return {"VersionIdsToStages": {version: list(labels) for version, labels in self.stages.items()}}

    def get_secret_value(self, **arguments: Any) -> dict[str, Any]:
        """GetSecretValue."""
        validate("secretsmanager", "GetSecretValue", arguments)
        for version, (text, created) in self.versions.items():
            fits = arguments.get("VersionId") in {None, version}
            if fits and arguments["VersionStage"] in self.stages[version]:
                return {"SecretString": text, "CreatedDate": created, "VersionId": version}
        raise ResourceNotFoundException

    def get_random_password(self, **arguments: Any) -> dict[str, Any]:
        """GetRandomPassword: another one at each call."""
        validate("secretsmanager", "GetRandomPassword", arguments)
        assert arguments["ExcludePunctuation"]
        self.generated += 1
        return {"RandomPassword": f"generated{self.generated:03}".ljust(arguments["PasswordLength"], "x")}

    def put_secret_value(self, **arguments: Any) -> None:
        """PutSecretValue."""
        validate("secretsmanager", "PutSecretValue", arguments)
        self.put(arguments["ClientRequestToken"], arguments["SecretString"], arguments["VersionStages"][0])

    def update_secret_version_stage(self, **arguments: Any) -> None:
        """UpdateSecretVersionStage."""
        validate("secretsmanager", "UpdateSecretVersionStage", arguments)
        self.stages[arguments["RemoveFromVersionId"]].remove(arguments["VersionStage"])
        self.stages[arguments["RemoveFromVersionId"]].append("AWSPREVIOUS")
        self.stages[arguments["MoveToVersionId"]].append(arguments["VersionStage"])


@dataclass
class ElastiCache:
    """A user or a replication group that takes its time, and knows its passwords as ElastiCache does."""

    clock: Clock
    passwords: list[str]
    minutes: float = 2.0
    busy_until: dt.datetime = _START
    modified: dt.datetime = _START
    strategies: list[str] = field(default_factory=list[str])
    auth_token_enabled: bool = True

    def modify_user(self, **arguments: Any) -> None:
        """ModifyUser."""
        validate("elasticache", "ModifyUser", arguments)
        assert not self._busy(), "InvalidUserState"
        assert len(arguments["Passwords"]) == len(set(arguments["Passwords"]))
        self.passwords = arguments["Passwords"]
        self._begin()

    def describe_users(self, **arguments: Any) -> dict[str, Any]:
        """DescribeUsers."""
        validate("elasticache", "DescribeUsers", arguments)
        user = {
            "UserId": arguments["UserId"],
            "Status": "modifying" if self._busy() else "active",
            "Authentication": {"Type": "password", "PasswordCount": len(self.passwords)},
        }
        return {"Users": [user]}

    def modify_replication_group(self, **arguments: Any) -> None:
        """ModifyReplicationGroup: ROTATE keeps the two latest tokens, SET follows ROTATE."""
        validate("elasticache", "ModifyReplicationGroup", arguments)
        assert arguments["ApplyImmediately"]
        assert not self._busy(), "InvalidReplicationGroupState"
        token, strategy = arguments["AuthToken"], arguments["AuthTokenUpdateStrategy"]
        if strategy == "SET":
            assert self.passwords[0] == token, "SET takes the token of the last ROTATE"
            self.passwords = [token]
        else:
            self.passwords = [token, self.passwords[0]]
        self.strategies.append(strategy)
        self._begin()

    def describe_replication_groups(self, **arguments: Any) -> dict[str, Any]:
        """DescribeReplicationGroups."""
        validate("elasticache", "DescribeReplicationGroups", arguments)
        group: dict[str, Any] = {
            "ReplicationGroupId": arguments["ReplicationGroupId"],
            "Status": "modifying" if self._busy() else "available",
            "PendingModifiedValues": {"AuthTokenStatus": "ROTATING"} if self._busy() else {},
            "AuthTokenEnabled": self.auth_token_enabled,
            "AuthTokenLastModifiedDate": self.modified,
        }
        return {"ReplicationGroups": [group]}

    def _begin(self) -> None:
        self.modified = self.clock.now
        self.busy_until = self.clock.now + dt.timedelta(minutes=self.minutes)

    def _busy(self) -> bool:
        return self.clock.now < self.busy_until

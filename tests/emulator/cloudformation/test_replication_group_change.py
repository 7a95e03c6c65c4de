"""What a replication group in a stack becomes when its template changes: users, tokens, logs, topics, defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.cloudformation.stack_of import resource

if TYPE_CHECKING:
    from tests.emulator.cloudformation.stack_of import StackOf

GROUP: dict[str, Any] = {
    "ReplicationGroupDescription": "d",
    "Engine": "valkey",
    "EngineVersion": "8.1",
    "CacheNodeType": "cache.t4g.small",
    "CacheSubnetGroupName": "net",
    "TransitEncryptionEnabled": True,
    "AutomaticFailoverEnabled": True,
    "MultiAZEnabled": True,
    "NumCacheClusters": 2,
}
TOPIC = {"Type": "AWS::SNS::Topic"}
LOGS = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "of-a-cache"}}
SECRET = {
    "Type": "AWS::SecretsManager::Secret",
    "Properties": {
        "GenerateSecretString": {
            "SecretStringTemplate": "{}",
            "GenerateStringKey": "token",
            "ExcludePunctuation": True,
            "PasswordLength": 40,
        }
    },
}
TOKEN = {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString:token::}}"]]}


def described(stack: StackOf) -> dict[str, Any]:
    """Describe the group `G`."""
    api = stack.client("elasticache")
    return api.describe_replication_groups(ReplicationGroupId=stack.id_of("G"))["ReplicationGroups"][0]


def group(**properties: Any) -> dict[str, Any]:
    """Return the group; a property that is None is left out."""
    return resource(
        "ReplicationGroup", {name: value for name, value in {**GROUP, **properties}.items() if value is not None}
    )


def test_users_come_change_and_go(stack: StackOf) -> None:
    """One user group takes the place of another, and then there is none."""
    user = {"UserId": "u-one", "UserName": "u-one", "Engine": "valkey", "AccessString": "on ~* +@read"}
    users = {"U": resource("User", {**user, "AuthenticationMode": {"Type": "iam"}})}
    for name in ("first", "second"):
        users[name] = resource("UserGroup", {"UserGroupId": name, "Engine": "valkey", "UserIds": [{"Ref": "U"}]})
    seen: list[list[str]] = []
    for wanted in ([{"Ref": "first"}], [{"Ref": "second"}], None):
        stack.deploy({**users, "G": group(UserGroupIds=wanted)})
        seen.append(described(stack).get("UserGroupIds", []))

    assert seen == [["first"], ["second"], []]


def test_a_token_is_read_from_its_secret_and_set_anew(stack: StackOf) -> None:
    """Another secret sets another token in place, and neither is in an answer of CloudFormation."""
    secrets = {"Secret": SECRET, "Other": SECRET}
    stack.deploy({**secrets, "G": group(AuthToken=TOKEN)})
    name, first = stack.id_of("G"), described(stack)
    other = {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Other"}, ":SecretString:token::}}"]]}
    stack.deploy({**secrets, "G": group(AuthToken=other)})
    second = described(stack)

    values = [
        stack.client("secretsmanager").get_secret_value(SecretId=stack.id_of(logical_id))["SecretString"][11:-2]
        for logical_id in secrets
    ]
    told = str(stack.client("cloudformation").describe_stack_events(StackName=stack.name))
    assert (first["AuthTokenEnabled"], second["AuthTokenEnabled"]) == (True, True)
    assert second["AuthTokenLastModifiedDate"] > first["AuthTokenLastModifiedDate"]
    assert stack.id_of("G") == name
    assert len(set(values)) == 2
    assert not [value for value in values if value in told]


def test_logs_and_events_go_where_the_template_says(stack: StackOf) -> None:
    """And nowhere when it no longer says so."""
    logs = {
        "DestinationType": "cloudwatch-logs",
        "LogFormat": "json",
        "LogType": "slow-log",
        "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": {"Ref": "Logs"}}},
    }
    others: dict[str, Any] = {"Topic": TOPIC, "Logs": LOGS}
    stack.deploy({**others, "G": group(LogDeliveryConfigurations=[logs], NotificationTopicArn={"Ref": "Topic"})})
    before, api = described(stack), stack.client("elasticache")
    node = api.describe_cache_clusters(CacheClusterId=before["MemberClusters"][0])["CacheClusters"][0]
    stack.deploy({**others, "G": group()})
    after = api.describe_cache_clusters(CacheClusterId=before["MemberClusters"][0])["CacheClusters"][0]

    assert [item["LogType"] for item in before["LogDeliveryConfigurations"]] == ["slow-log"]
    assert described(stack).get("LogDeliveryConfigurations", []) == []
    assert node["NotificationConfiguration"] == {"TopicArn": stack.id_of("Topic"), "TopicStatus": "active"}
    assert after["NotificationConfiguration"]["TopicStatus"] == "inactive"


def test_what_leaves_the_template_goes_back_to_its_default(stack: StackOf) -> None:
    """Failover, zones, retention, the parameter group; what has no default is reported."""
    parameters = resource("ParameterGroup", {"Description": "d", "CacheParameterGroupFamily": "valkey8"})
    given = {
        "CacheParameterGroupName": {"Ref": "P"},
        "SnapshotRetentionLimit": 4,
        "SnapshotWindow": "01:00-02:00",
        "AutoMinorVersionUpgrade": False,
    }
    stack.deploy({"P": parameters, "G": group(**given)})
    stack.deploy({"P": parameters, "G": group(AutomaticFailoverEnabled=None, MultiAZEnabled=None)})
    after = described(stack)
    node = stack.client("elasticache").describe_cache_clusters(CacheClusterId=after["MemberClusters"][0])

    assert (after["AutomaticFailover"], after["MultiAZ"], after["SnapshotRetentionLimit"]) == (
        "disabled",
        "disabled",
        0,
    )
    assert after["AutoMinorVersionUpgrade"] is True
    assert node["CacheClusters"][0]["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8"
    assert any("SnapshotWindow has left the template" in reason for reason in stack.reasons())
    assert after["SnapshotWindow"] == "01:00-02:00"

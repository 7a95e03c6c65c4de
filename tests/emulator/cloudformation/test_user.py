"""AWS::ElastiCache::User and AWS::ElastiCache::UserGroup in a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.cloudformation.stack_of import resource

if TYPE_CHECKING:
    from tests.emulator.cloudformation.stack_of import StackOf

PASSWORD = "a-password-of-this-test"  # noqa: S105 - of nobody
SECRET = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": f'{{"password": "{PASSWORD}"}}'}}
REFERENCE = {"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "Secret"}, ":SecretString:password::}}"]]}


def user(name: str, **properties: Any) -> dict[str, Any]:
    """Return a user that signs in with IAM."""
    given = {
        "UserId": name,
        "UserName": name,
        "Engine": "valkey",
        "AccessString": "on ~* +@read",
        "AuthenticationMode": {"Type": "iam"},
    }
    return resource("User", {**given, **properties})


def group(name: str, *members: str, **properties: Any) -> dict[str, Any]:
    """Return a user group of users of the template."""
    users = [{"Ref": member} for member in members]
    return resource("UserGroup", {"UserGroupId": name, "Engine": "valkey", "UserIds": users, **properties})


def test_rights_change_in_place(stack: StackOf) -> None:
    """The user stays the same."""
    api = stack.client("elasticache")
    stack.deploy({"U": user("first")})
    stack.deploy({"U": user("first", AccessString="on ~app:* +@all")})

    assert api.describe_users(UserId="first")["Users"][0]["AccessString"] == "on ~app:* +@all"


def test_a_password_comes_from_a_secret(stack: StackOf) -> None:
    """It is read when the user is made, and no answer of CloudFormation has it."""
    mode = {"Type": "password", "Passwords": [REFERENCE]}
    stack.deploy({"Secret": SECRET, "U": user("second", AuthenticationMode=mode)})
    shown = stack.client("elasticache").describe_users(UserId="second")["Users"][0]["Authentication"]
    template = stack.client("cloudformation").get_template(StackName=stack.name)["TemplateBody"]["Resources"]["U"]

    assert shown == {"Type": "password", "PasswordCount": 1}
    assert PASSWORD not in str(template)
    assert PASSWORD not in str(stack.reasons())


def test_members_come_and_go(stack: StackOf) -> None:
    """A user that the group loses can go in the same update."""
    api = stack.client("elasticache")
    stack.deploy({"A": user("a-one"), "B": user("b-one"), "G": group("team", "A", "B")})
    stack.deploy({"A": user("a-one"), "C": user("c-one"), "G": group("team", "A", "C")})

    assert sorted(api.describe_user_groups(UserGroupId="team")["UserGroups"][0]["UserIds"]) == ["a-one", "c-one"]
    assert "b-one" not in [item["UserId"] for item in api.describe_users()["Users"]]


def test_tags_follow_the_template(stack: StackOf) -> None:
    """Those that leave it are gone."""
    api = stack.client("elasticache")
    attributes = {"Arn": {"Fn::GetAtt": ["G", "Arn"]}, "Status": {"Fn::GetAtt": ["G", "Status"]}}
    outputs = stack.deploy(
        {"A": user("a-two"), "G": group("tagged", "A", Tags=[{"Key": "a", "Value": "1"}])}, attributes
    )
    stack.deploy({"A": user("a-two"), "G": group("tagged", "A", Tags=[{"Key": "b", "Value": "2"}])}, attributes)

    assert outputs["Status"] == "active"
    assert api.list_tags_for_resource(ResourceName=outputs["Arn"])["TagList"] == [{"Key": "b", "Value": "2"}]


def test_a_stack_of_users_goes(stack: StackOf) -> None:
    """The group before its users."""
    stack.deploy({"A": user("a-three"), "G": group("gone", "A")})

    assert stack.destroy() == "DELETE_COMPLETE"
    assert "a-three" not in [item["UserId"] for item in stack.client("elasticache").describe_users()["Users"]]

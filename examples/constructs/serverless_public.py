"""Serverless, reached from everywhere: clients outside of the VPC sign in with IAM, and a limit bounds the bill."""

from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam

from elasticache_kit.cdk import IamUser, ServerlessCache, UserGroup


def define(app: App) -> None:
    """Add the stack."""
    stack = Stack(app, "ServerlessPublic")
    users = UserGroup(stack, "Users", users=[IamUser(stack, "Application")])
    cache = ServerlessCache(
        stack,
        "Cache",
        connection_type="public",
        user_group=users,
        data_storage_maximum=5,
        ecpu_per_second_maximum=5000,
    )
    cache.grants.connect(iam.Role.from_role_name(stack, "Role", "orders-application"))


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()

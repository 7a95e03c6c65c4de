"""Three users of one cache: an application with IAM, a batch job that only reads, and an operator with a password."""

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk import AccessString, Authentication, IamUser, PasswordUser, ReplicationGroup, UserGroup


def define(app: App) -> None:
    """Add the stack."""
    stack = Stack(app, "ThreeUsers")
    reading = AccessString.build().read_keys("orders:*").allow("@read", "@connection")
    users = UserGroup(
        stack,
        "Users",
        users=[
            IamUser(stack, "Application"),
            IamUser(stack, "Batch", access_string=reading),
            PasswordUser(stack, "Operator", access_string=AccessString.build().all_keys().allow("@all")),
        ],
    )
    ReplicationGroup(
        stack,
        "Cache",
        vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0),
        authentication=Authentication.user_group(users),
    )


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()

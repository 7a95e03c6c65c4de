"""CacheGrants: who may sign in to a cache with AWS credentials."""

from aws_cdk import Resource
from aws_cdk import aws_iam as iam

from elasticache_kit.cdk.argument import typed
from elasticache_kit.cdk.sign_in import SignIn
from elasticache_kit.cdk.user import IUser


class CacheGrants:
    """Grants permissions on a cache, owned or imported.

    Args:
        cache: the cache.
        arn: its ARN.
        sign_in: how clients sign in to it. Default: nobody has to.
    """

    def __init__(self, cache: Resource, *, arn: str, sign_in: SignIn | None) -> None:
        self._cache = cache
        self._arn = arn
        self._sign_in = sign_in or SignIn()

    @property
    def sign_in(self) -> SignIn:
        """How clients sign in to the cache."""
        return self._sign_in

    @typed
    def connect(self, grantee: iam.IGrantable, *, user: IUser | None = None) -> iam.Grant:
        """Let a grantee sign in as a user, which takes `elasticache:Connect` on the cache and on the user.

        See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

        Args:
            grantee: a role, a function, or whatever else has a principal.
            user: whom to sign in as. Default: the only user of the cache that signs in with IAM.

        Raises:
            ValidationError: the user does not sign in with IAM or is not in the user group of the cache, or there is
                no user or more than one to choose from.
        """
        member = self._sign_in.member(self._cache.node.path, user, types={"iam"})
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["elasticache:Connect"], resource_arns=[self._arn, member.user_arn]
        )

    def actions(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        """Let a grantee call operations on the cache, for example `elasticache:DescribeReplicationGroups`."""
        return iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self._arn])

"""ExportBucket: a bucket for exported snapshots."""

from __future__ import annotations

from typing import Any, cast

import pytest
from aws_cdk import App, Duration, RemovalPolicy, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk.export_bucket import ExportBucket, allow_export
from elasticache_kit.errors import ValidationError
from tests.cdk.lint import findings

BUCKET = "AWS::S3::Bucket"
POLICY = "AWS::S3::BucketPolicy"


@pytest.fixture(scope="module")
def plain() -> Stack:
    """A bucket with nothing given."""
    stack = Stack(App(), "Stack")
    ExportBucket(stack, "Bucket")
    return stack


def _statements(stack: Stack) -> list[dict[str, Any]]:
    policy = next(iter(Template.from_stack(stack).find_resources(POLICY).values()))
    return policy["Properties"]["PolicyDocument"]["Statement"]


def test_closed_encrypted_versioned_and_kept(plain: Stack) -> None:
    """What is exported is all of the cache's data, so the bucket is shut in every way."""
    template = Template.from_stack(plain)

    template.has_resource(
        BUCKET,
        {
            "Properties": {
                "BucketName": Match.absent(),
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
                },
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
                "VersioningConfiguration": {"Status": "Enabled"},
                "ReplicationConfiguration": Match.absent(),
            },
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_tls_only(plain: Stack) -> None:
    """Without TLS, or with an old one, nobody gets in."""
    denied = [statement for statement in _statements(plain) if statement["Effect"] == "Deny"]

    assert [statement["Condition"] for statement in denied] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": 1.2}},
    ]
    assert all(statement["Action"] == "s3:*" and statement["Principal"] == {"AWS": "*"} for statement in denied)


def test_only_elasticache_is_let_in(plain: Stack) -> None:
    """The service principal of the Region has what the page on exports lists, apart for bucket and objects."""
    allowed = [statement for statement in _statements(plain) if statement["Effect"] == "Allow"]
    bucket = {"Fn::GetAtt": [next(iter(Template.from_stack(plain).find_resources(BUCKET))), "Arn"]}

    assert [(statement["Action"], statement["Resource"]) for statement in allowed] == [
        (["s3:GetBucketAcl", "s3:ListBucket", "s3:ListBucketMultipartUploads"], bucket),
        (
            ["s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            {"Fn::Join": ["", [bucket, "/*"]]},
        ),
    ]
    service = {"Fn::Join": ["", [{"Ref": "AWS::Region"}, ".elasticache-snapshot.amazonaws.com"]]}
    assert all(statement["Principal"] == {"Service": service} for statement in allowed)


def test_nothing_piles_up(plain: Stack) -> None:
    """Parts of broken uploads, old versions and the markers of what expired go by themselves; exports stay."""
    Template.from_stack(plain).has_resource_properties(
        BUCKET,
        {
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                        "ExpirationInDays": Match.absent(),
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                        "Transitions": Match.absent(),
                        "Status": "Enabled",
                    },
                    {"ExpiredObjectDeleteMarker": True, "Status": "Enabled"},
                ]
            }
        },
    )


def test_everything_given(stack: Stack) -> None:
    """Every option arrives, and cfn-lint has nothing to say."""
    ExportBucket(
        stack,
        "Bucket",
        bucket_name="orders-exports",
        expiration=Duration.days(365),
        noncurrent_version_expiration=Duration.days(7),
        transition_after=Duration.days(30),
        replica=s3.Bucket.from_bucket_name(stack, "Replica", "orders-exports-far-away"),
        removal_policy=RemovalPolicy.DESTROY,
    )
    template = Template.from_stack(stack)

    template.has_resource(
        BUCKET,
        {
            "Properties": {
                "BucketName": "orders-exports",
                "LifecycleConfiguration": {
                    "Rules": Match.array_with(
                        [
                            Match.object_like(
                                {
                                    "ExpirationInDays": 365,
                                    "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
                                    "Transitions": [{"StorageClass": "GLACIER_IR", "TransitionInDays": 30}],
                                }
                            )
                        ]
                    )
                },
            },
            "DeletionPolicy": "Delete",
        },
    )
    assert findings(stack) == []


def test_a_replica_gets_every_export(stack: Stack) -> None:
    """S3 copies to the other bucket with a role of its own, without a fixed name that a second bucket would clash with.

    Deletions are not copied, so that what deletes the exports here leaves the copy alone.
    """
    replica = s3.Bucket.from_bucket_name(stack, "Replica", "orders-exports-far-away")
    ExportBucket(stack, "Bucket", replica=replica)
    ExportBucket(stack, "Another", replica=replica)
    template = Template.from_stack(stack)

    template.has_resource_properties(
        BUCKET,
        {
            "ReplicationConfiguration": {
                "Rules": [
                    {
                        "Destination": {"Bucket": stack.resolve(replica.bucket_arn)},
                        "DeleteMarkerReplication": {"Status": "Disabled"},
                        "Status": "Enabled",
                    }
                ]
            }
        },
    )
    template.resource_properties_count_is("AWS::IAM::Role", {"RoleName": Match.absent()}, 2)
    template.resource_count_is("AWS::IAM::Role", 2)
    assert findings(stack) == []


def test_an_owned_bucket_is_opened_to_elasticache(stack: Stack) -> None:
    """A bucket that somebody else made in this app can be let in too; an import keeps the policy that it has."""
    allow_export(s3.Bucket(stack, "Bucket"))
    allow_export(s3.Bucket.from_bucket_name(stack, "Imported", "imported"))

    Template.from_stack(stack).resource_count_is(POLICY, 1)
    assert [statement["Sid"] for statement in _statements(stack)] == [
        "ElastiCacheFindsBucket",
        "ElastiCacheWritesExports",
    ]


def test_exports_that_expire_before_they_move(stack: Stack) -> None:
    """S3 refuses that at deployment; here the message has both times."""
    with pytest.raises(ValidationError) as error:
        ExportBucket(stack, "Bucket", expiration=Duration.days(30), transition_after=Duration.days(30))

    assert str(error.value).splitlines() == [
        "Stack/Bucket: 1 problem",
        "  transition_after = '30 days': exports are gone after 30 days, before they move",
        "    let them move earlier, or expire later   [cdk-export-expires-first]",
    ]


def test_wrong_type(stack: Stack) -> None:
    """A number of days is no Duration, and the message says so before jsii is called."""
    days: Any = 30

    with pytest.raises(ValidationError, match="expiration = 30: must be a Duration"):
        ExportBucket(stack, "Bucket", expiration=days)


def test_who_reads_and_writes_is_written_down() -> None:
    """In the bucket that is named, under the id of this one; without it there is no record."""
    stack = Stack(App(context={"@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True}), "Stack")
    logs = s3.Bucket(stack, "Logs")
    ExportBucket(stack, "Exports", server_access_logs_bucket=cast("s3.IBucket", logs))
    ExportBucket(stack, "Unwatched")
    watched = [
        bucket["Properties"]["LoggingConfiguration"]
        for bucket in Template.from_stack(stack).find_resources(BUCKET).values()
        if "LoggingConfiguration" in bucket.get("Properties", {})
    ]

    assert watched == [
        {"DestinationBucketName": stack.resolve(logs.bucket_name), "LogFilePrefix": "Exports/"},
    ]

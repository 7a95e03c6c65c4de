"""The environment that the lock makes."""

from __future__ import annotations

from aws_cdk.cloud_assembly_schema import MetadataEntry


def test_the_cdk_owns_the_folder_that_two_packages_share() -> None:
    """Two distributions install this module; where the other one wins, jsii does not find its types."""
    assert vars(MetadataEntry)["__jsii_type__"] == "aws-cdk-lib.cloud_assembly_schema.MetadataEntry"

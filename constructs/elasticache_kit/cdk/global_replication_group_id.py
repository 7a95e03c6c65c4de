"""The id of a global datastore: the prefix of its Region and a suffix of one's own.

The prefix makes the id known at synth. So a stack in another Region can name the datastore, which CloudFormation's
exports don't reach.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-CLI.html
"""

from __future__ import annotations

_PREFIXES = {
    "ap-east-1": "knjmp",
    "ap-northeast-1": "quwsw",
    "ap-northeast-2": "lfqnh",
    "ap-northeast-3": "nlapn",
    "ap-south-1": "erpgt",
    "ap-southeast-1": "vlqxn",
    "ap-southeast-2": "vbgxd",
    "ca-central-1": "bxodz",
    "cn-north-1": "emvgo",
    "cn-northwest-1": "ckbem",
    "eu-central-1": "iudkw",
    "eu-west-1": "gxeiz",
    "eu-west-2": "okuqm",
    "eu-west-3": "fgjhi",
    "sa-east-1": "juxlw",
    "us-east-1": "ldgnf",
    "us-east-2": "fpkhr",
    "us-gov-west-1": "sgwui",
    "us-west-1": "virxk",
    "us-west-2": "sgaui",
}


def global_replication_group_id(region: str, suffix: str) -> str | None:
    """Return the id that ElastiCache makes of a suffix, None in a Region whose prefix AWS does not publish."""
    prefix = _PREFIXES.get(region)
    return None if prefix is None else f"{prefix}-{suffix}"

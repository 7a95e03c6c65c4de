"""Which templates the local CloudFormation deploys."""

from __future__ import annotations

from moto.cloudformation.exceptions import ValidationError

from elasticache_kit.emulator.cloudformation import resource as stack_resource
from elasticache_kit.emulator.cloudformation import template as templates


def refuse_unsupported(body: str) -> None:
    """Refuse a template with what cannot be deployed here, all of it at once.

    Raises:
        ValidationError: it is no template, or has types of resources that nobody can deploy, or not here.
    """
    try:
        template = templates.parse(body)
        templates.order(template)
    except templates.TemplateError as error:
        raise ValidationError(message=str(error)) from error
    present = {item["Type"] for item in template["Resources"].values()}
    if dead := sorted(present & stack_resource.DEAD_TYPES):
        raise ValidationError(
            message=f"{', '.join(dead)}: {stack_resource.DEAD_REASON}. "
            "Use VpcSecurityGroupIds of a CacheCluster or SecurityGroupIds of a ReplicationGroup."
        )
    missing = stack_resource.unsupported(present)
    if missing:
        raise ValidationError(
            message=f"Template format error: Unrecognized resource types: [{', '.join(missing)}]. "
            "The local CloudFormation cannot deploy them; it would be dishonest to skip them."
        )

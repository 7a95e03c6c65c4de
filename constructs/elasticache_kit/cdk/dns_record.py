"""DnsRecord: a name of one's own for an endpoint."""

from aws_cdk import Duration, Resource
from aws_cdk import aws_route53 as route53
from constructs import Construct

from elasticache_kit.cdk.argument import construct_path, typed, violation, warn
from elasticache_kit.cdk.endpoint import Endpoint
from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.rule import Violation, refuse


class DnsRecord(Resource):
    """Makes an AWS::Route53::RecordSet, a CNAME that leads to an endpoint of a cache.

    Applications keep the name when a cache is replaced. The endpoint behind it follows a failover by itself. Clients
    that use TLS check the certificate, which names the endpoint and not this record: they must be told to expect
    the endpoint's name. Clients of cluster mode find the nodes under the names that ElastiCache gave them all the same.

    See https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        zone: the hosted zone, made in this app or imported.
        record_name: the name in that zone, `cache` for `cache.example.com`.
        endpoint: where it leads, for example `cache.primary_endpoint`, of an owned or imported cache.
        ttl: how long a resolver may keep it. Default: one minute.
        transit_encryption_enabled: whether clients use TLS, which they are warned of. Default: yes.

    Raises:
        ValidationError: an argument has the wrong type, or DNS allows no such record.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        zone: route53.IHostedZone,
        record_name: str,
        endpoint: Endpoint,
        ttl: Duration | None = None,
        transit_encryption_enabled: bool = True,
    ) -> None:
        refuse(construct_path(scope, construct_id), _apex(zone, record_name))
        super().__init__(scope, construct_id)
        self._endpoint = Endpoint(_full_name(zone, record_name), endpoint.port)
        route53.CnameRecord(
            self,
            "Resource",
            zone=zone,
            record_name=record_name,
            domain_name=endpoint.address,
            ttl=ttl or Duration.minutes(1),
        )
        if transit_encryption_enabled:
            warn(self, [_certificate(record_name)])

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint under this name, to give to clients instead of the one that it leads to."""
        return self._endpoint


def _full_name(zone: route53.IHostedZone, record_name: str) -> str:
    """Return the name with that of its zone, and without the dot at the end that a certificate never has."""
    top = zone.zone_name.rstrip(".")
    name = record_name.rstrip(".")
    return name if name.endswith(f".{top}") else f"{name}.{top}"


def _apex(zone: route53.IHostedZone, record_name: str) -> list[Violation]:
    """Return what is wrong with a CNAME at the top of a zone, beside the records that are always there."""
    if is_token(record_name):
        return []
    name, top = record_name.rstrip("."), zone.zone_name
    if name and (is_token(top) or name != top.rstrip(".")):
        return []
    message = "at the top of a zone there can be no CNAME, because the zone has other records there"
    return [violation("cdk-dns-apex", "record_name", record_name, message, "take a name below it, such as 'cache'")]


def _certificate(record_name: str) -> Violation:
    return Violation(
        rule_id="cdk-dns-certificate",
        level="warn",
        property="record_name",
        value=record_name,
        message="the certificate of the cache does not name this record, so clients that verify it refuse to connect",
        remedy="let clients verify the endpoint's own name, or let them connect to the endpoint",
        source=(),
        aws_code=None,
        aws_message=None,
    )

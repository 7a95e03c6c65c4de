"""The connection to the database: libpq's own variables, and the secret that RDS keeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from elasticache_kit.cache.credential import missing, read_secret
from elasticache_kit.errors import ConnectionFailedError, ValidationError
from elasticache_kit.model.environment import DATABASE_SECRET_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

# What a secret of RDS has, and what libpq calls it.
_MEMBERS = {"host": "host", "port": "port", "username": "user", "password": "password", "dbname": "dbname"}
_PLACES = ("PGHOST", "PGHOSTADDR", "PGSERVICE")
CONNECT_SECONDS = 5


def connect_database(environ: Mapping[str, str]) -> psycopg.Connection[Any]:
    """Connect to the writer endpoint, with autocommit.

    PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD and libpq's others say where to; what the secret has comes before
    them. The secret is read each time, so a rotated password is found. Without PGSSLMODE the certificate and its name
    are verified, by the authorities of PGSSLROOTCERT; on AWS those are
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html

    Args:
        environ: the variables, which are those of the process where libpq reads them.

    Raises:
        ValidationError: nothing says where the database is.
        ConnectionFailedError: the secret cannot be read.
        MissingToolError: psycopg is not installed.
    """
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise missing("psycopg", "outbox", "the outbox") from error
    given = _of_secret(environ)
    if "host" not in given and not any(environ.get(name) for name in _PLACES):
        raise ValidationError(
            "nothing says where the database is: set PGHOST to its writer endpoint, or "
            f"{DATABASE_SECRET_VARIABLE} to the secret that RDS keeps"
        )
    host = str(given.get("host") or environ.get("PGHOST", ""))
    if not environ.get("PGSSLMODE") and host and not host.startswith("/"):
        given["sslmode"] = "verify-full"
    return psycopg.connect(autocommit=True, connect_timeout=CONNECT_SECONDS, **given)


def _of_secret(environ: Mapping[str, str]) -> dict[str, Any]:
    secret_arn = environ.get(DATABASE_SECRET_VARIABLE)
    if not secret_arn:
        return {}
    try:
        found: dict[str, Any] = json.loads(read_secret(secret_arn, environ.get("AWS_REGION"), DATABASE_SECRET_VARIABLE))
        return {libpq: found[name] for name, libpq in _MEMBERS.items() if found.get(name)}
    except (ValueError, TypeError, AttributeError) as error:
        raise ConnectionFailedError(
            f"the secret of {DATABASE_SECRET_VARIABLE} is not the JSON object that RDS keeps"
        ) from error

"""What a PostgreSQL server is told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQLPlan:
    """The order for one server.

    Args:
        key: what it is called among all servers of the emulator.
        master: the user that it begins with.
        password: that user's.
        port: where clients connect.
        version: what is asked for, such as `17.7`.
        database: the database that it begins with. Default: none but `postgres`.
        tls_required: whether clients without TLS are refused, as the parameter rds.force_ssl says. Default: they are.
    """

    key: str
    master: str
    password: str = field(repr=False)
    port: int = 5432
    version: str = ""
    database: str = ""
    tls_required: bool = True

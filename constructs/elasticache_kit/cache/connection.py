"""connect: a client of the cache that the environment describes.

    from elasticache_kit.cache import connect

    client = connect()                         # a valkey.Valkey, or a valkey.cluster.ValkeyCluster in cluster mode

The constructs write the environment (see `model.environment`), so an application needs no settings of its own: the
endpoint, cluster mode, TLS with verified names, and who it signs in as come from there. What is not there is an error;
nothing falls back to localhost.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from elasticache_kit.cache import driver, glide, memcached, memcached_store
from elasticache_kit.cache.client_request import ClientRequest, Patience
from elasticache_kit.cache.credential import credentials
from elasticache_kit.cache.failure import explained, is_of_the_cache
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.environment import PREFIX, CacheEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from elasticache_kit.cache.policy import Policy

ReadFrom = Literal["primary", "replica", "az"]
Driver = Literal["valkey", "glide", "redis"]

_READ_FROM = ("primary", "replica", "az")
_DRIVERS = ("valkey", "glide", "redis")
# Where a client carries what it reads from, for those whose reads must be current.
_MARK = "elasticache_kit_read_from"


# Two seconds for an answer, and exponential backoff with jitter, as in AWS's examples; a second to connect, not a
# tenth, because it holds a TLS handshake.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/BestPractices.Clients.Redis.ClientTimeout.html
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/BestPractices.Clients.Redis.Discovery.html
STEADY = Patience(connect_timeout=1.0, timeout=2.0, retries=3)
# For what has a database behind it: a cache that does not answer at once is a miss.
TIGHT = Patience(connect_timeout=0.25, timeout=0.25, retries=0)


def connect(
    *,
    environ: Mapping[str, str] | None = None,
    prefix: str = PREFIX,
    read_from: ReadFrom = "primary",
    availability_zone: str | None = None,
    library: Driver = "valkey",
    patience: Patience = STEADY,
    check: bool = True,
    **options: Any,
) -> Any:
    """Return a client, connected and signed in.

    Args:
        environ: the variables. Default: those of the process.
        prefix: what they begin with; a second cache of one application has another one. Default: ELASTICACHE_KIT_.
        read_from: `primary`; `replica`, whose answers may be a little old; or `az`, replicas in the same zone first,
            which needs valkey-glide and `availability_zone`. Default: primary. With cluster mode disabled, `replica`
            of valkey-py and redis-py is a client of the reader endpoint, which cannot write, and `az` needs the option
            `addresses`, the endpoints of all nodes: a reader endpoint leads to one replica, in whichever zone that is.
        availability_zone: the zone of this process, such as `eu-west-1a`. Default: none.
        library: `valkey` (valkey-py), `glide` (valkey-glide-sync) or `redis` (redis-py). Default: valkey.
        patience: timeouts and retries. Default: STEADY; a cache of a database takes TIGHT.
        check: whether to send a PING first, so that what is wrong with the settings is said here. Default: yes.
        options: further options of the library, which override these.

    Raises:
        ValidationError: the environment or an argument is wrong, all of it at once.
        ConnectionFailedError: no answer, a refused sign-in, or a certificate that does not fit; names the setting.
        MissingToolError: the library is not installed.
    """
    request = settled(environ, prefix, read_from, availability_zone, library, patience, options)
    try:
        client = glide.open_client(request) if library == "glide" else driver.open_client(request)
        if check:
            client.ping()
    except Exception as error:
        raise _told(error, request) from error
    setattr(client, _MARK, read_from)
    return client


async def connect_async(
    *,
    environ: Mapping[str, str] | None = None,
    prefix: str = PREFIX,
    read_from: ReadFrom = "primary",
    availability_zone: str | None = None,
    library: Driver = "valkey",
    patience: Patience = STEADY,
    check: bool = True,
    **options: Any,
) -> Any:
    """Return a client for asyncio; see `connect`. It belongs to the event loop that runs."""
    request = settled(environ, prefix, read_from, availability_zone, library, patience, options)
    try:
        client = await glide.open_async_client(request) if library == "glide" else driver.open_async_client(request)
        if check:
            await client.ping()
    except Exception as error:
        raise _told(error, request) from error
    setattr(client, _MARK, read_from)
    return client


def refuse_replica(client: object) -> None:
    """Refuse a client whose reads may be old.

    Raises:
        ValidationError: it reads from replicas.
    """
    read_from = getattr(client, _MARK, "primary")
    if getattr(client, "read_from_replicas", False) or getattr(client, "load_balancing_strategy", None):
        read_from = "replica"
    if read_from != "primary":
        raise ValidationError(
            f"this client reads from read_from={read_from!r}, and reads that must be current cannot: a replica may "
            "still have what was invalidated. Take connect(read_from='primary')"
        )


def settled(  # noqa: PLR0917 - the arguments of connect
    environ: Mapping[str, str] | None,
    prefix: str,
    read_from: str = "primary",
    availability_zone: str | None = None,
    library: str = "valkey",
    patience: Patience = STEADY,
    options: dict[str, Any] | None = None,
) -> ClientRequest:
    """Read the environment and hold the arguments of `connect` against it.

    Raises:
        ValidationError: with all that is wrong.
    """
    environment = CacheEnvironment.from_env(os.environ if environ is None else environ, prefix)
    request = ClientRequest(
        environment=environment,
        prefix=prefix,
        library=library,
        read_from=read_from,
        availability_zone=availability_zone,
        patience=patience,
        options=options or {},
    )
    problems = _contradictions(request)
    if problems:
        raise ValidationError("\n".join(["No client can be made:", *(f"  {item}" for item in problems)]))
    return request


def tight_client(
    environ: Mapping[str, str] | None, prefix: str, library: Driver, policy: Policy, *, in_loop: bool
) -> Callable[[], Any]:
    """Return what makes the client of a cache of a database: of Valkey, Redis OSS or Memcached, with tight timeouts.

    Raises:
        ValidationError: the environment is wrong, or the engine cannot keep the policy; nothing is sent yet.
    """
    environment = CacheEnvironment.from_env(os.environ if environ is None else environ, prefix)
    if environment.engine == "memcached":
        memcached_store.check(policy)
        open_nodes = memcached.connect_async if in_loop else memcached.connect
        return partial(open_nodes, environ=environ, prefix=prefix, patience=TIGHT)
    # What signs in is made anew with the client; here it says what is missing while the application starts.
    credentials(settled(environ, prefix, library=library).environment, prefix)
    open_engine = connect_async if in_loop else connect
    return partial(open_engine, environ=environ, prefix=prefix, library=library, patience=TIGHT, check=False)


def _contradictions(request: ClientRequest) -> list[str]:
    environment, prefix, read_from, library = request.environment, request.prefix, request.read_from, request.library
    found: list[str] = []
    if read_from not in _READ_FROM:
        found.append(f"read_from = {read_from!r} is not primary, replica or az")
    if library not in _DRIVERS:
        found.append(f"library = {library!r} is not valkey, glide or redis")
    if environment.engine == "memcached":
        found.append(f"{prefix}ENGINE = 'memcached': take elasticache_kit.cache.memcached.connect")
    if environment.tls and environment.ca_file is not None and not Path(environment.ca_file).is_file():
        found.append(f"{prefix}CA_FILE = {environment.ca_file!r} is no file: unset it for AWS")
    if read_from == "az" and library != "glide":
        found.append("read_from = 'az': only valkey-glide knows zones; take library='glide'")
    if read_from == "az" and request.availability_zone is None:
        found.append("read_from = 'az' needs availability_zone, the zone of this process")
    if read_from == "replica" and not request.cluster and environment.reader_endpoint is None:
        found.append(f"read_from = 'replica' needs {prefix}READER_ENDPOINT, which is not set")
    if read_from == "az" and not request.cluster and "addresses" not in request.options:
        found.append(
            "read_from = 'az' without cluster mode needs addresses=[NodeAddress(...)], the endpoint of every node: "
            "the reader endpoint leads to one replica, in whichever zone that is"
        )
    return found


def _told(error: Exception, request: ClientRequest) -> Exception:
    # What is wrong with `options` keeps its traceback.
    return explained(error, request.environment, request.prefix) if is_of_the_cache(error) else error

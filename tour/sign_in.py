"""Sign-in: users sign in with IAM tokens, and each may do what its access string says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from valkey.exceptions import NoPermissionError

from elasticache_kit.cache import connect
from elasticache_kit.errors import ConnectionFailedError
from elasticache_kit.model.environment import CacheEnvironment
from tour.promise import BrokenError, require

if TYPE_CHECKING:
    from tour.place import Place

STACK = "user-group"


def check(place: Place) -> str:
    """Write as the application, read as the reader, who may not write, and be refused as nobody and as a stranger."""
    application, reader = place.output(STACK, "ApplicationUserName"), place.output(STACK, "ReaderUserName")
    with _client(place, application) as client:
        client.set("sign-in", "written")
    with _client(place, reader) as client:
        require(client.get("sign-in") == "written", "the reader does not see what the application wrote")
        try:
            client.set("sign-in", "overwritten")
        except NoPermissionError:
            pass
        else:
            raise BrokenError("the reader may write")
    for user, auth in ((None, "none"), ("stranger", "iam")):
        try:
            _client(place, user, auth).close()
        except ConnectionFailedError:
            continue
        raise BrokenError(f"{user or 'nobody'} may come in")
    return "the application writes, the reader reads and cannot write, a stranger and nobody are refused"


def _client(place: Place, user: str | None, auth: str = "iam") -> Any:
    endpoint = place.endpoint(STACK, "PrimaryEndpoint")
    environment = CacheEnvironment(
        endpoint=endpoint.address,
        port=endpoint.port,
        ca_file=os.environ["ELASTICACHE_KIT_CA_FILE"],
        auth=auth,
        user=user,
        cache_name=place.output(STACK, "ReplicationGroupId"),
        region=os.environ["AWS_REGION"],
    )
    return connect(environ=environment.to_env(), decode_responses=True)

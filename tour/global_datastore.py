"""Global datastore: what the primary Region takes is in the other one, which takes no writes itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valkey.exceptions import ReadOnlyError

from tour.promise import BrokenError, require

if TYPE_CHECKING:
    from tour.place import Place

PRIMARY, SECONDARY = "global-datastore-primary", "global-datastore-secondary"
KEYS = 100


def check(place: Place) -> str:
    """Write in one Region, read in the other, and try to write there."""
    with place.connect(place.endpoint(PRIMARY, "PrimaryEndpoint")) as client:
        for number in range(KEYS):
            client.set(f"global:{number}", number)
    expected = [str(number) for number in range(KEYS)]
    with place.connect(place.endpoint(SECONDARY, "ReaderEndpoint")) as client:
        place.until(
            lambda: [client.get(f"global:{number}") for number in range(KEYS)],
            lambda read: read == expected,
            "the other Region has what was written",
        )
        try:
            client.set("global:there", "written")
        except ReadOnlyError:
            pass
        else:
            raise BrokenError("the secondary Region takes writes")
    arn = place.aws("elasticache", "us-east-1").describe_replication_groups()["ReplicationGroups"][0]["ARN"]
    require(":us-east-1:" in arn, f"the secondary is {arn}")
    return f"{KEYS} keys written in eu-west-1 and read in us-east-1, which refuses writes"

"""Deploy level with engines: small groups run, read back as asked, and answer their clients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import valkey
from hypothesis import strategies as st

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import client_of
from tests.property.construct import Wish, replication_groups
from tests.property.deploy import Stack
from tests.property.depth import cases, each
from tests.property.tally import Tally
from tests.property.test_deploy import plain, synthesized

if TYPE_CHECKING:
    from pathlib import Path

SIZES = ("node_group_configuration", "num_cache_clusters", "num_node_groups", "preferred_cache_cluster_azs")


def small(wish: Wish) -> Wish:
    """Return a wish with two nodes at most, and without what the local emulator does not do yet."""
    arguments = {name: value for name, value in wish.arguments.items() if name not in SIZES}
    if wish.kind == "ReplicationGroup":
        arguments["num_cache_clusters"] = min(2, wish.arguments["num_cache_clusters"])
    else:
        arguments |= {"num_node_groups": 1, "replicas_per_node_group": int(wish.arguments["multi_az_enabled"])}
    return replace(
        plain(wish), arguments={name: value for name, value in arguments.items() if name != "removal_policy"}
    )


def answers(emulator: Emulator, group: dict[str, Any]) -> bool:
    """Tell whether the group answers where the API says that it does."""
    endpoint = group.get("ConfigurationEndpoint") or group["NodeGroups"][0]["PrimaryEndpoint"]
    tls: dict[str, Any] = {}
    if group["TransitEncryptionEnabled"] and emulator.fleet is not None:
        tls = {"ssl": True, "ssl_ca_certs": str(emulator.fleet.ca_file)}
    client: Any = valkey.Valkey(host=endpoint["Address"], port=endpoint["Port"], **tls)
    with client:
        return bool(client.ping())


@pytest.mark.engine
def test_small_groups_run_and_read_back_as_asked(tmp_path: Path, tallies: list[Tally]) -> None:
    """One in ten of the deployments has real engines."""
    tally = Tally("deploy", "stacks with engines")
    tallies.append(tally)
    numbers = iter(range(10_000))
    with Emulator(tmp_path, timing=INSTANT) as emulator:
        client = client_of(emulator.endpoint_url)

        def check(wish: Wish) -> None:
            stack = Stack(client, f"wish-{next(numbers)}", synthesized([wish]))
            assert stack.status == "CREATE_COMPLETE", stack.complaints
            (group,) = client("elasticache").describe_replication_groups()["ReplicationGroups"]
            found = [*stack.differences(), *([] if answers(emulator, group) else ["it does not answer"])]
            stack.remove()
            tally.judge("deployed", f"{wish}: {'; '.join(found)}" if found else None)

        each(cases("deploy") // 10, st.builds(small, replication_groups()), check)

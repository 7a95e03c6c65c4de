"""`elasticache-kit drill`, on a local ElastiCache with real engines."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore
import pytest
import valkey

from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.drills.key import PREFIX

if TYPE_CHECKING:
    from tests.cli.local import Local

pytestmark = [pytest.mark.engine, pytest.mark.calm]

# Authorities that have signed nothing of a local ElastiCache.
STRANGERS = Path(botocore.__file__).parent / "cacert.pem"

# How late the drill itself is on a busy machine is not what is tested here.
SHORT = ("--rate", "100", "--baseline", "0.5", "--duration", "1.5", "--settle", "0.5", "--max-stall", "60")


def drilled(local: Local, name: str, *more: str) -> dict[str, Any]:
    """Run the failover drill and return its document; it must pass."""
    done = local.run("drill", "run", "failover", name, *SHORT, "--output", "json", *more)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def figures(told: dict[str, Any], node_group: str, checker: str) -> dict[str, Any]:
    """Return the figures of one finding."""
    found = (f for f in told["findings"] if (f["node_group"], f["checker"]) == (node_group, checker))
    return next(found)["figures"]


def keys_left(local: Local, name: str) -> object:
    """Return the keys of drills that a group still holds."""
    record = local.client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    endpoint = record.get("NodeGroups", [])[0].get("PrimaryEndpoint", {})
    with valkey.Valkey(host=endpoint.get("Address", ""), port=endpoint.get("Port", 0)) as client:
        return client.keys(f"{PREFIX}*")  # pyright: ignore[reportUnknownMemberType] - valkey-py is half typed


def test_a_failover_is_measured_and_reported(local: Local, tmp_path: Path) -> None:
    """It runs by default on a local ElastiCache, passes, and leaves its files and no keys."""
    name = local.group("plain")

    told = drilled(local, name, "--report", str(tmp_path / "report"))

    assert told["verdict"] == "passed"
    assert told["stamp"].startswith("local emulator: not an AWS recovery time (timing profile 'instant')")
    assert figures(told, "0001", "lost acknowledged writes")["lost"] == 0
    assert figures(told, "0001", "promotion")["promotion_seconds"] > 0
    assert figures(told, "0001", "full redundancy")["event_recovery_seconds"] >= 0
    assert sorted(Path(path).name for path in told["files"].values()) == [
        "history.jsonl.gz",
        "junit.xml",
        "report.html",
        "report.json",
        "report.md",
        "report.svg",
    ]
    assert all(Path(path).stat().st_size for path in told["files"].values())
    assert keys_left(local, name) == []


def test_a_failover_under_tls_is_measured(local: Local) -> None:
    """Clients verify the local ElastiCache's own authority, which its record names."""
    name = local.group("secure", TransitEncryptionEnabled=True, CacheSubnetGroupName=local.subnet_group())

    told = drilled(local, name)

    assert told["replication_group"]["transit_encryption"] is True
    assert figures(told, "0001", "promotion")["promotion_seconds"] > 0


def test_a_certificate_of_a_stranger_is_refused(local: Local) -> None:
    """Negative control: clients really verify whom they talk to."""
    name = local.group("strange", TransitEncryptionEnabled=True, CacheSubnetGroupName=local.subnet_group())

    done = local.run("drill", "run", "none", name, *SHORT, ELASTICACHE_KIT_CA_FILE=str(STRANGERS))

    assert done.returncode == 4
    (sentence,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert sentence.startswith("Error: strange cannot be reached from here: certificate (")
    assert "certificate verify failed" in sentence
    assert sentence.endswith("Check ELASTICACHE_KIT_CA_FILE; unset it for AWS")
    assert "cleanup" not in done.stderr, "nothing was written, so there is nothing to put back"
    assert "Traceback" not in done.stderr


def test_a_failover_with_cluster_mode_enabled_leaves_the_neighbour_alone(local: Local) -> None:
    """The chosen node group gets a new primary; the other one's writes go on."""
    name = local.group(
        "sharded", NumNodeGroups=2, ReplicasPerNodeGroup=1, CacheParameterGroupName="default.valkey9.cluster.on"
    )

    told = drilled(local, name, "--node-group", "0002")

    assert told["replication_group"]["cluster_mode_enabled"] is True
    assert figures(told, "0002", "promotion")["promotion_seconds"] > 0
    neighbour = figures(told, "0001", "write outage")
    assert (neighbour["failed"], neighbour["indeterminate"]) == (0, 0)
    assert "promotion" not in {f["checker"] for f in told["findings"] if f["node_group"] == "0001"}


def test_a_drill_that_fails_ends_with_one(local: Local) -> None:
    """Negative control: a limit that no failover keeps."""
    done = local.run("drill", "run", "failover", local.group("strict"), *SHORT, "--max-write-outage", "0")

    assert done.returncode == 1
    assert "drill failover on strict (local ElastiCache): FAILED" in done.stdout


def test_a_drill_whose_instrument_stalled_ends_with_three(local: Local) -> None:
    """No clock is never late at all."""
    name = local.group("stalled")
    done = local.run("drill", "run", "none", name, *SHORT[:-2], "--max-stall", "0")

    assert done.returncode == 3
    assert "drill none on stalled (local ElastiCache): UNKNOWN" in done.stdout


def test_a_dry_run_changes_nothing(local: Local) -> None:
    """It shows load and fault, and on AWS that is the default."""
    name = local.group("dry")

    done = local.run("drill", "run", "failover", name, "--dry-run")

    assert done.returncode == 0
    assert done.stdout.startswith("load on dry: 200 writes and as many reads a second in 1 node group")
    assert "call TestFailover with ReplicationGroupId=dry, NodeGroupId=0001" in done.stdout
    assert done.stderr == "nothing was changed: run it with --apply\n"
    events = local.client.describe_events(SourceIdentifier=name, SourceType="replication-group")["Events"]
    assert not [event for event in events if "Failover" in event.get("Message", "")]


def test_a_dry_run_is_refused_as_the_drill_would_be(local: Local) -> None:
    """It still shows the load; all reasons at once and each once, those of the group and those of the options."""
    name = local.group("lonely", NumCacheClusters=1, AutomaticFailoverEnabled=False, MultiAZEnabled=False)
    words = ("drill", "run", "failover", name, "--dry-run", "--stop-alarm", "no-such-alarm")

    done = local.run(*words)
    told = local.run(*words, "--output", "json")

    assert (done.returncode, told.returncode) == (4, 4)
    assert done.stdout.startswith("load on lonely: ")
    assert "a drill on lonely is refused:\n" in done.stderr
    refused = json.loads(told.stdout)["refused"]
    assert [f"  - {reason}" for reason in refused] == [line for line in done.stderr.splitlines() if line[:4] == "  - "]
    for reason in ("there is no alarm 'no-such-alarm'", "automatic failover is 'disabled'", "0001 has no replica"):
        assert sum(reason in each for each in refused) == 1, refused
    assert "nothing was changed" not in done.stderr


def test_ctrl_c_removes_the_keys(local: Local) -> None:
    """The interrupted drill cleans up, says so, and ends with 130."""
    name = local.group("interrupted")
    process = local.begin("drill", "run", "none", name, "--duration", "60")
    assert process.stderr is not None
    for line in process.stderr:
        if "the fault" in line:
            break

    before = keys_left(local, name)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)

    assert before != []
    assert keys_left(local, name) == []
    assert process.returncode == 130
    assert "Traceback" not in told
    assert told.splitlines()[-1] == "interrupted"


def test_a_report_folder_that_cannot_be_made_is_said_before_the_drill(local: Local, tmp_path: Path) -> None:
    """Nothing fails over for a report that cannot be written."""
    (tmp_path / "file").write_text("in the way")
    name = local.group("unreported")

    done = local.run("drill", "run", "failover", name, "--report", str(tmp_path / "file" / "report"))

    assert done.returncode == 2
    assert "cannot be made" in done.stderr
    assert "Traceback" not in done.stderr
    assert "  primary unreported-001," in local.run("failover", name).stdout
    shown = local.run("drill", "run", "failover", name, "--dry-run", "--report", str(tmp_path / "file" / "report"))
    assert (shown.returncode, shown.stderr) == (2, done.stderr)


def test_a_dry_run_makes_no_report_folder(local: Local, tmp_path: Path) -> None:
    """It changes nothing, here neither."""
    done = local.run(
        "drill", "run", "failover", local.group("shown"), "--dry-run", "--report", str(tmp_path / "a" / "b")
    )

    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_list_names_every_drill(local: Local) -> None:
    """With what it does."""
    lines = local.run("drill", "list").stdout.splitlines()

    assert [line.split()[0] for line in lines] == sorted(DRILLS)


def test_an_unknown_drill_is_a_usage_error(local: Local) -> None:
    """With those that exist."""
    done = local.run("drill", "run", "earthquake", "orders")

    assert done.returncode == 2
    assert "'global-failover', 'node-loss', 'none'" in done.stderr

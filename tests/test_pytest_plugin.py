"""The fixtures for pytest, as a project that installed elasticache-kit uses them: each run is a pytest of its own."""

from __future__ import annotations

from pathlib import Path

import pytest


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run the tests that were written, without the cache and in a process of their own."""
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", *arguments)


def engines() -> set[str]:
    """Return the valkey servers that are children of no living test run: what a run has left behind."""
    found: set[str] = set()
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if command[0].endswith(b"valkey-server") and parent == "1":
            found.add(entry.name)
    return found


def test_each_test_has_an_account(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run of them all, because each starts an emulator.

    What one test makes the next does not see. Plain boto3 is led to the account, whatever the user is signed in to. A
    mapping and a file can be deployed; outputs, physical ids and clients come back, a failure is told with its reason.
    """
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    pytester.makefile(".yaml", topic="Resources:\n  T: {Type: AWS::SNS::Topic}\n")
    pytester.makepyfile(
        """
        import boto3
        import pytest
        from elasticache_kit.errors import EmulatorError

        TOPIC = {"Type": "AWS::SNS::Topic"}

        @pytest.mark.parametrize("turn", range(3))
        def test_empty(elasticache, turn):
            topics = boto3.client("sns").list_topics()["Topics"]
            boto3.client("sns").create_topic(Name="seen")
            assert topics == []

        def test_local(elasticache):
            assert boto3.client("sts").get_caller_identity()["Account"] == elasticache.account_id

        def test_mapping(elasticache):
            made = elasticache.deploy({"Resources": {"T": TOPIC}, "Outputs": {"Arn": {"Value": {"Ref": "T"}}}})
            assert made.outputs["Arn"] == made.physical_ids["T"]
            again = elasticache.deploy({"Resources": {"T": TOPIC, "U": TOPIC}})
            assert len(made.client("sns").list_topics()["Topics"]) == 2
            again.destroy()
            assert made.client("sns").list_topics()["Topics"] == []

        def test_file(elasticache):
            assert elasticache.deploy("topic.yaml").stack_name == "topic"

        def test_failure(elasticache):
            group = {"Type": "AWS::ElastiCache::SubnetGroup", "Properties": {"Description": "d", "SubnetIds": ["no"]}}
            with pytest.raises(EmulatorError, match="(?s)stack ended in ROLLBACK_COMPLETE.*G .AWS::ElastiCache"):
                elasticache.deploy({"Resources": {"G": group}}, name="stack")

        def test_nonsense(elasticache):
            with pytest.raises(EmulatorError, match="int cannot be deployed: give a CDK stack"):
                elasticache.deploy(3)
        """
    )

    run(pytester).assert_outcomes(passed=8)


@pytest.mark.engine
def test_clusters_have_engines_and_faults(pytester: pytest.Pytester) -> None:
    """Both cluster modes and TLS take a stock client; a failover promotes another node; nothing is left running."""
    pytester.makepyfile(
        """
        import pytest
        from botocore.exceptions import ClientError
        from valkey.exceptions import ConnectionError

        def test_sharded(elasticache_cluster):
            group = elasticache_cluster(num_node_groups=3)
            group.client().set("k", "v")
            assert group.client().get("k") == "v"
            assert group.environment.topology == "cluster-mode-enabled"

        def test_failover_with_tls(elasticache_cluster):
            group = elasticache_cluster(replicas_per_node_group=1, tls=True)
            before = group.primary()
            assert group.fail_over() != before
            assert group.client().set("k", "v")

        def test_kill(elasticache_cluster):
            group = elasticache_cluster()
            group.client().set("k", "v")
            group.kill(group.primary())
            with pytest.raises(ConnectionError):
                group.client().get("k")

        def test_lag(elasticache_cluster):
            group = elasticache_cluster(replicas_per_node_group=1)
            before = group.primary()
            with group.fault("replication-lag", Milliseconds=800):
                group.client().set("k", "v")
                with group.fault("kill", CacheClusterId=before):
                    pass
                assert group.client().get("k") is None
            assert group.primary() != before

        def test_throttling(elasticache):
            with elasticache.fault("api-throttling", Operations=["DescribeEvents"]) as fault:
                assert fault["kind"] == "api-throttling"
                with pytest.raises(ClientError, match="Rate exceeded"):
                    elasticache.client("elasticache").describe_events()
            elasticache.client("elasticache").describe_events()

        def test_control_plane_after_engines(elasticache):
            assert elasticache.client("elasticache").describe_replication_groups()["ReplicationGroups"] == []
        """
    )
    before = engines()

    run(pytester).assert_outcomes(passed=6)
    assert engines() <= before


@pytest.mark.engine
def test_workers_do_not_meet(pytester: pytest.Pytester) -> None:
    """With pytest-xdist each worker has an account and engines of its own, though all groups have one name."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("turn", range(4))
        def test_own(elasticache_cluster, turn):
            client = elasticache_cluster(ReplicationGroupId="same").client()
            assert client.incr("n") == 1
        """
    )

    run(pytester, "--numprocesses=2").assert_outcomes(passed=4)


def test_a_project_that_asks_for_no_fixture_pays_nothing(pytester: pytest.Pytester) -> None:
    """Neither moto nor boto3 nor the CDK is imported."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            assert not {"moto", "boto3", "botocore", "aws_cdk"} & set(sys.modules)
        """
    )

    run(pytester).assert_outcomes(passed=1)

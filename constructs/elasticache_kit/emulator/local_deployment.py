"""An app on a local ElastiCache that is there for as long as this process: started, deployed to, taken down."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from elasticache_kit.emulator import cdk_cli, daemon, local_environment
from elasticache_kit.errors import ElastiCacheKitError

LOG_LINES = 30

# Says what is being done while it is, for example `elasticache_kit.cli.progress.Progress`.
Telling = Callable[[str], AbstractContextManager[object]]
# The outputs of each stack.
Outputs = Mapping[str, Mapping[str, str]]


class DeploymentFailedError(ElastiCacheKitError):
    """The CDK CLI ended with an error; the message has the end of what it printed."""


@dataclass(frozen=True, slots=True)
class LocalDeployment:
    """An emulator, and the app that the real CDK CLI deploys to it.

    Args:
        running: the emulator.
        root: the folder with cdk.json.
        telling: says what is being done.
    """

    running: daemon.Running
    root: Path
    telling: Telling

    @property
    def directory(self) -> Path:
        """Where everything is written; it goes with the emulator."""
        return Path(self.running.directory)

    def synthesize(self, *arguments: str) -> None:
        """Run `cdk synth`: once for all that follows, because it is most of what a deployment costs.

        Args:
            arguments: further arguments of the CLI, for example `-c`, `environment=prod`.

        Raises:
            DeploymentFailedError: it failed.
        """
        self._cdk("synth", "--quiet", "--output", str(self._assembly), *arguments)

    def bootstrap(self, *regions: str) -> None:
        """Run `cdk bootstrap`; it needs no synthesis, so it may run beside one.

        Args:
            regions: where. Default: the Region that is played, eu-west-1.

        Raises:
            DeploymentFailedError: it failed.
        """
        account = daemon.said(self.running).get("account")
        where = (f"aws://{account}/{region}" for region in regions or (local_environment.DEFAULT_REGION,))
        # Not from the folder with cdk.json: the CLI would run the app there, even for this.
        self._cdk("bootstrap", *where, folder=self.directory)

    def deploy(self, *arguments: str) -> Outputs:
        """Run `cdk deploy` and return the outputs of the stacks.

        Args:
            arguments: stacks, and further arguments of the CLI.

        Raises:
            DeploymentFailedError: it failed.
        """
        outputs = self.directory / "outputs.json"
        self._cdk(
            "deploy", *arguments, "--app", str(self._assembly), "--require-approval", "never",
            "--outputs-file", str(outputs),
        )  # fmt: skip
        return json.loads(outputs.read_text())

    def destroy(self) -> None:
        """Run `cdk destroy` for all stacks.

        Raises:
            DeploymentFailedError: it failed.
        """
        self._cdk("destroy", "--all", "--force", "--app", str(self._assembly))

    def environment(self, region: str = local_environment.DEFAULT_REGION) -> dict[str, str]:
        """Return the environment of a process that shall know this account and nothing else.

        Args:
            region: the Region to play. Default: eu-west-1.

        Raises:
            NotLocalError: the endpoint is not a local emulator.
        """
        found = local_environment.environment(self.running.endpoint_url, home=self.directory / "cdk", region=region)
        local_environment.prove(found)
        if ca_file := daemon.said(self.running).get("ca_file"):
            found["ELASTICACHE_KIT_CA_FILE"] = ca_file
        return found

    @property
    def _assembly(self) -> Path:
        return self.directory / "cdk.out"

    def _cdk(self, command: str, *arguments: str, folder: Path | None = None) -> None:
        log = self.directory / f"cdk-{command}.log"
        log.write_bytes(b"")
        with self.telling(f"cdk {command}"):
            code = cdk_cli.run(
                [command, *arguments, "--no-notices"],
                self.running.endpoint_url,
                home=self.directory / "cdk",
                log=log,
                cwd=folder or self.root,
            )
            if code:
                lines = log.read_text(errors="replace").strip().splitlines()[-LOG_LINES:]
                raise DeploymentFailedError("\n".join([f"`cdk {command}` ended with {code}:", *lines]))


@contextmanager
def local_deployment(root: Path, *, telling: Telling = nullcontext, timing: str = "fast") -> Generator[LocalDeployment]:
    """Start an emulator for an app, and stop it with all its engines when the block ends, however that ends.

    Args:
        root: the folder with cdk.json.
        telling: says what is being done. Default: nobody does.
        timing: how long things take, as `elasticache-kit emulator up` has it. Default: fast.

    Raises:
        EmulatorError: it did not start.
    """
    # A polite kill and a closed terminal take the same way out as Ctrl-C: through every `finally`.
    before = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    with tempfile.TemporaryDirectory(prefix="elasticache-kit-") as folder:
        directory = Path(folder)
        running: daemon.Running | None = None
        try:
            with telling("starting the local ElastiCache"):
                running = daemon.start(directory, ["--port", "0", "--timing", timing], bound=True)
            yield LocalDeployment(running, root, telling)
        finally:
            # `running` is unknown where the start was interrupted; the process has written its name down by itself.
            running = running or daemon.find(directory)
            if running is not None:
                with telling("stopping the local ElastiCache"):
                    daemon.stop(running)
            for number, handler in before.items():
                signal.signal(number, handler)


def _leave(number: int, _: object) -> None:
    sys.exit(128 + number)

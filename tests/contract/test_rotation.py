"""A rotation on engines: clients that read the secret and sign in are let in at every moment of it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Self

import pytest
import valkey
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.emulator import local_environment
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.ops import execution, inventory, session, target
from elasticache_kit.ops.plan import Plan, Wait
from tests.ops.completed import make_subnet_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.ops.session import Session

pytestmark = pytest.mark.engine

OLD = "the-token-of-yesterday"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A local account with engines and the group `orders`, whose token the secret `auth` holds."""
    with (
        Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT) as emulator,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AWS_ENDPOINT_URL", emulator.endpoint_url)
        patch.setenv("AWS_REGION", local_environment.DEFAULT_REGION)
        patch.setenv("AWS_ACCESS_KEY_ID", local_environment.ACCESS_KEY_ID)
        patch.setenv("AWS_SECRET_ACCESS_KEY", local_environment.SECRET_ACCESS_KEY)
        patch.delenv("AWS_PROFILE", raising=False)
        made = session.connect()
        made.changing("secretsmanager").create_secret(Name="auth", SecretString=json.dumps({"password": OLD}))
        client: Any = made.act
        client.create_replication_group(
            ReplicationGroupId="orders", ReplicationGroupDescription="of a test", Engine="valkey", EngineVersion="8.1",
            CacheNodeType="cache.t4g.micro", NumCacheClusters=1, TransitEncryptionEnabled=True, AuthToken=OLD,
            CacheSubnetGroupName=make_subnet_group(made),
        )  # fmt: skip
        settled = target.settled("orders", "made", lambda _: True)
        execution.run(Plan("creation", (Wait(settled, 60),)), made, lambda _: None)
        yield made


class Application:
    """Reads the secret and signs in, again and again, as new connections of an application do."""

    def __init__(self, api: Session) -> None:
        endpoint = inventory.replication_group(api, "orders").node_groups[0].primary_endpoint
        assert endpoint is not None
        assert api.capability is not None
        self._endpoint, self._ca_file = endpoint, api.capability.ca_file
        self._secrets: Any = api.reading("secretsmanager")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.let_in = 0
        self.shut_out: list[str] = []

    def sign_in(self, password: str) -> None:
        """Sign in once."""
        client: Any = valkey.Valkey(
            host=self._endpoint.address, port=self._endpoint.port, password=password, ssl=True,
            ssl_ca_certs=self._ca_file, socket_timeout=5,
        )  # fmt: skip
        with client:
            client.ping()

    def current(self) -> str:
        """Return the password that the secret holds."""
        answer = self._secrets.get_secret_value(SecretId="auth", VersionStage="AWSCURRENT")
        return json.loads(answer["SecretString"])["password"]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._over.is_set():
            try:
                self.sign_in(self.current())
            except (valkey.ValkeyError, OSError) as error:
                self.shut_out.append(str(error))
            else:
                self.let_in += 1


def test_nobody_is_shut_out_and_the_old_token_ends(api: Session) -> None:
    """The command tries the new token itself before anybody depends on it."""
    with Application(api) as application:
        words = ["rotate", "auth-token", "orders", "--secret", "auth", "--pause", "1", "--apply"]
        done = CliRunner().invoke(main, words, catch_exceptions=False)

    assert done.exit_code == 0, done.output
    assert "the new token signs in" in done.stderr
    assert (application.shut_out, application.let_in > 5) == ([], True)
    application.sign_in(application.current())
    with pytest.raises(valkey.AuthenticationError):
        application.sign_in(OLD)
    assert OLD not in done.output
    assert application.current() not in done.output

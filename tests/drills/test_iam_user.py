"""Drills that sign in with IAM tokens, which the local ElastiCache verifies, on real engines."""

from __future__ import annotations

import asyncio
import gzip
import pickle
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.credentials import Credentials
from click.testing import CliRunner
from developer_toolkit_elasticache import ElastiCacheIAMAuthTokenProvider

from elasticache_kit.cli import main
from elasticache_kit.drills import record, resp, runner
from elasticache_kit.drills.access import Access, Tokens, tls_context
from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.iam_user import IamUser
from elasticache_kit.drills.key import PREFIX
from elasticache_kit.drills.verdict import Verdict
from elasticache_kit.drills.world import Other
from elasticache_kit.errors import RefusedError, ValidationError
from elasticache_kit.ops import inventory
from tests.cli.local import REGION
from tests.drills.place import Place, found, served, unwatched

if TYPE_CHECKING:
    from elasticache_kit.drills.fault import Fault
    from elasticache_kit.drills.history import History
    from elasticache_kit.ops.inventory import Endpoint, ReplicationGroup
    from elasticache_kit.ops.wait import Clock

# What every token has, and nothing else.
MARK = "X-Amz-Signature"
USER, GROUP = "app", "orders"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    """Serve a group that lets one user in, with IAM, and with the rights that applications have."""
    with served(tmp_path_factory.mktemp("iam")) as place:
        client: Any = place.local.client
        client.create_user(
            UserId=USER,
            UserName=USER,
            Engine="valkey",
            AccessString="on ~* &* +@all -@dangerous +info",
            AuthenticationMode={"Type": "iam"},
        )
        client.create_user_group(UserGroupId="users", Engine="valkey", UserIds=[USER])
        net = {"TransitEncryptionEnabled": True, "CacheSubnetGroupName": place.local.subnet_group()}
        place.local.group(GROUP, UserGroupIds=["users"], **net)
        yield place


def access(place: Place, tokens: Tokens | None = None) -> Access:
    """Return how to get in as the user."""
    capability = place.api.capability
    assert capability is not None
    signs = tokens or IamUser(place.api, USER, GROUP)
    return Access(tls_context(capability.ca_file), USER, tokens=signs, token_seconds=0.1)


def primary(group: ReplicationGroup) -> Endpoint:
    """Return where the primary is."""
    endpoint = group.node_groups[0].primary_endpoint
    assert endpoint is not None
    return endpoint


@dataclass
class Keys:
    """Signs tokens with the access key of the moment, as a role does whose credentials are renewed.

    Args:
        api: IAM.
        keys: the access keys; the first one signs until the next is taken.
    """

    api: Any
    keys: list[dict[str, str]]

    @classmethod
    def made(cls, place: Place) -> Keys:
        """Make a user of IAM with two access keys; of these the local ElastiCache knows the secrets."""
        iam = place.api.changing("iam")
        iam.create_user(UserName="somebody")
        return cls(iam, [iam.create_access_key(UserName="somebody")["AccessKey"] for _ in range(2)])

    def sign(self) -> str:
        """Sign a token."""
        key = self.keys[0]
        credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
        return ElastiCacheIAMAuthTokenProvider(
            user_id=USER, region=REGION, replication_group_id=GROUP, credentials=credentials
        ).get_token()

    def at(self, replication_group_id: str) -> Keys:
        """Sign for this group alone."""
        raise AssertionError(replication_group_id)

    def change(self) -> None:
        """Sign with the next key, and let the old one's signatures be wrong from now on."""
        old = self.keys.pop(0)
        self.api.update_access_key(UserName="somebody", AccessKeyId=old["AccessKeyId"], Status="Inactive")


@dataclass
class Changed:
    """A fault before which the access key is changed, while everybody is connected.

    Args:
        fault: the fault.
        keys: the keys.
    """

    fault: Fault
    keys: Keys
    promotes: bool = True

    def struck(self, node_group: str) -> tuple[str, ...]:
        """What the fault strikes."""
        return self.fault.struck(node_group)

    def show(self) -> str:
        """Return what it does."""
        return self.fault.show()

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Change the key, leave the drill the time to tell its processes of a new token, and break."""
        self.keys.change()
        clock.sleep(1.0)
        self.fault.inject(node_group, history, clock)


@pytest.mark.engine
def test_load_and_clients_get_in_again_with_a_token_of_the_moment(place: Place) -> None:
    """After a failover, though what they connected with at first would not let them in any more."""
    keys = Keys.made(place)
    group = inventory.replication_group(place.api, GROUP)
    way_in = access(place, keys)
    first = way_in.current() or ""
    one = replace(
        place.experiment("failover", group, way_in), clients=("valkey-py", "redis-py-defaults", "valkey-glide")
    )
    fault = DRILLS["failover"].fault(replace(place.context(group), access=way_in))

    result = runner.run(one, Changed(fault, keys), unwatched)

    assert found(result, "write outage").verdict is Verdict.PASSED
    assert found(result, "lost acknowledged writes").verdict is Verdict.PASSED
    assert found(result, "promotion").verdict is Verdict.PASSED, found(result, "promotion").sentence
    assert result.cleaned_up
    assert {seen.name: seen.failure for seen in result.clients} == dict.fromkeys(one.clients)
    for seen in result.clients:
        outages = [item for item in seen.findings if item.checker == "write outage"]
        assert [item.verdict for item in outages] == [Verdict.PASSED], (seen.name, outages)
    assert MARK not in repr(result)
    # Negative control: who still came with the first token would be refused.
    stale = Access(way_in.tls, USER, first)
    with pytest.raises(LostError, match="WRONGPASS"):
        asyncio.run(Connection.open(primary(inventory.replication_group(place.api, GROUP)), stale))


@pytest.mark.engine
@pytest.mark.prove
def test_a_restored_group_is_read_with_a_token_of_its_own(place: Place) -> None:
    """A token is good for one group."""
    result = place.run("backup-restore", GROUP, access=access(place))

    assert found(result, "backup").verdict is Verdict.PASSED, found(result, "backup").sentence


@pytest.mark.engine
def test_the_command_signs_in_and_tells_nobody_its_tokens(place: Place, tmp_path: Path) -> None:
    """They are in no report, and on no terminal."""
    short = ("--rate", "50", "--baseline", "0.4", "--duration", "1", "--settle", "0.4", "--max-stall", "60")

    done = place.local.run(
        "drill", "run", "failover", GROUP, *short, "--iam-user", USER, "--report", str(tmp_path),
        ELASTICACHE_KIT_USER="somebody", XDG_STATE_HOME=str(tmp_path / "state"),
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    texts = [gzip.decompress(held) if name.endswith(".gz") else held for name, held in files.items()]
    assert b"replication_group" in b"".join(texts)
    assert not any(MARK.encode() in text for text in texts)
    assert MARK not in done.stdout + done.stderr


@pytest.mark.engine
def test_what_a_killed_drill_has_left_is_removed_by_the_same_user(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cleanup knows from the record whom to sign in as."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    group = inventory.replication_group(place.api, GROUP)

    async def ask(*words: str) -> Any:
        connection = await Connection.open(primary(group), access(place))
        try:
            return (await connection.ask(resp.command(*words)))[0]
        finally:
            await connection.close()

    asyncio.run(ask("SET", f"{PREFIX}run:left", "1"))
    with record.opened(record.scope_of(place.api), GROUP, "run") as kept:
        kept.note(record.Change("keys", {"run_id": "run", "iam_user": USER}))

    done = CliRunner().invoke(main, ["drill", "cleanup"], catch_exceptions=False)

    assert (done.exit_code, done.stdout) == (0, "everything is as it was\n"), done.output
    assert asyncio.run(ask("GET", f"{PREFIX}run:left")) is None


@pytest.mark.engine
def test_there_is_no_password_to_rotate(place: Place) -> None:
    """Where a user signs in with IAM."""
    context = place.context(inventory.replication_group(place.api, GROUP))

    with pytest.raises(RefusedError, match="user app signs in with IAM, and has no password that could be rotated"):
        DRILLS["credential-rotation"].fault(replace(context, access=access(place)))


@pytest.mark.engine
def test_a_token_is_sent_over_tls_to_one_region_alone(place: Place) -> None:
    """All reasons at once, before anything is changed."""
    group = inventory.replication_group(place.api, GROUP)
    plain = access(place)
    plain.tls = None
    one = replace(place.experiment("failover", group, plain), other=Other("eu-west-1", group, "world"))

    with pytest.raises(RefusedError) as refused:
        one.require_endpoints()

    assert refused.value.reasons == (
        "the group has no TLS, and others would read an IAM token",
        "an IAM token is good for one group in one Region: give a user with a password, --username",
    )


def drill(*words: str) -> str:
    """Ask for a drill that is wrong, and return what is said."""
    done = CliRunner().invoke(main, ["drill", "run", "failover", GROUP, "--dry-run", *words], catch_exceptions=False)
    assert done.exit_code != 0
    return done.stderr


def test_iam_and_a_password_exclude_each_other() -> None:
    """On the command line; what the environment has steps back."""
    said = drill("--iam-user", USER, "--username", "other", "--secret", "held")

    assert "--iam-user signs in without a password: leave --username and --secret out" in said


@pytest.mark.engine
def test_what_is_no_user_id_is_refused(place: Place) -> None:
    """With what AWS allows."""
    with pytest.raises(ValidationError, match="no IAM token can be made for user 'no one' at 'orders'"):
        IamUser(place.api, "no one", GROUP)


@pytest.mark.engine
def test_a_user_who_is_none_is_told_what_to_check(place: Place) -> None:
    """The engine's answer, and where to look."""
    group = inventory.replication_group(place.api, GROUP)
    stranger = access(place, IamUser(place.api, "stranger", GROUP))

    with pytest.raises(LostError, match="WRONGPASS"):
        asyncio.run(Connection.open(primary(group), replace(stranger, username="stranger")))


@dataclass
class Counted:
    """Signs tokens that are numbered."""

    signed: int = 0

    def sign(self) -> str:
        """Return the next one."""
        self.signed += 1
        return f"token-{self.signed}"

    def at(self, replication_group_id: str) -> Counted:
        """Sign for one group alone."""
        raise AssertionError(replication_group_id)


def test_a_token_is_signed_anew_when_it_is_old() -> None:
    """And not before."""
    lasting, fleeting = Access(tokens=Counted()), Access(tokens=Counted(), token_seconds=0)

    assert [lasting.current() for _ in range(3)] == ["token-1"] * 3
    assert [fleeting.current() for _ in range(3)] == ["token-1", "token-2", "token-3"]
    assert "token-1" not in repr(lasting)


def test_another_process_is_given_a_token_and_nothing_to_sign_with() -> None:
    """Whoever holds one access holds one there, too."""
    one = Access(username=USER, tokens=Counted(), token_seconds=0)

    there = pickle.loads(pickle.dumps((one, one)))  # noqa: S301 - our own

    assert there[0] is there[1]
    assert (there[0].sign_in, there[0].tokens) == (("AUTH", USER, "token-1"), None)

"""The drill of a rotation, on a local ElastiCache with real engines, and the checker of sign-ins."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.drills import record
from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.sign_in import SignIns, sign_in
from elasticache_kit.drills.verdict import Verdict
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import inventory, secret
from elasticache_kit.ops import rotation as rotations
from elasticache_kit.ops.wait import Clock
from tests.drills import shard
from tests.drills.place import Place, found, served

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result

OLD = "the-token-of-yesterday"


@dataclass(frozen=True)
class Signed:
    """A group whose clients sign in.

    Args:
        place: where it is.
        group: its id.
        username: the user of its clients; None for an AUTH token.
        secret: the secret that holds the password.
    """

    place: Place
    group: str
    username: str | None
    secret: str

    @property
    def access(self) -> Access:
        """How to get in now."""
        capability = self.place.api.capability
        assert capability is not None
        return Access(tls_context(capability.ca_file), self.username, secret.password(self.place.api, self.secret))

    def drill(self, **more: Any) -> Result:
        """Run the drill."""
        return self.place.run("credential-rotation", self.group, access=self.access, secret=self.secret, **more)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    """Serve a group with an AUTH token, and one with a user, each with a secret."""
    with served(tmp_path_factory.mktemp("rotation")) as place:
        client: Any = place.local.client
        for name in ("token", "app"):
            place.api.changing("secretsmanager").create_secret(Name=name, SecretString=json.dumps({"password": OLD}))
        for user, name in (("app", "app"), ("nobody", "default")):
            client.create_user(
                UserId=user,
                UserName=name,
                Engine="redis",
                AccessString="on ~* +@all" if user == "app" else "off ~* -@all",
                AuthenticationMode={"Type": "password", "Passwords": [OLD]},
            )
        client.create_user_group(UserGroupId="users", Engine="redis", UserIds=["app", "nobody"])
        net = {"TransitEncryptionEnabled": True, "CacheSubnetGroupName": place.local.subnet_group()}
        place.local.group("by-token", AuthToken=OLD, **net)
        place.local.group("by-user", UserGroupIds=["users"], **net)
        yield place


@pytest.fixture(params=["token", "user"])
def signed(place: Place, request: pytest.FixtureRequest) -> Signed:
    """Return each group in turn."""
    by_user = request.param == "user"
    return Signed(place, f"by-{request.param}", "app" if by_user else None, "app" if by_user else "token")


@pytest.mark.engine
def test_a_rotation_under_load_never_refuses_what_the_secret_holds(signed: Signed) -> None:
    """Clients sign in before, between and after the two changes; the old password has ended; the load got in again."""
    before = secret.password(signed.place.api, signed.secret)

    result = signed.drill()

    users = frozenset({"elasticache:DescribeUsers", "elasticache:ModifyUser"})
    without = users if signed.username is None else frozenset({"elasticache:ModifyReplicationGroup"})
    signed.place.assert_permitted("credential-rotation", without=without)

    told = found(result, "sign-in")
    assert told.verdict is Verdict.PASSED, told.sentence
    assert int(told.figures["sign_ins"] or 0) > 5
    assert {e.member for e in result.history.about(Action.SIGN_IN)} == {f"{signed.group}-001", f"{signed.group}-002"}
    # Reading every write back, and removing the keys, connects anew with the new password.
    assert found(result, "lost acknowledged writes").figures["lost"] == 0
    calls = ["ModifyReplicationGroup (ROTATE)", "ModifyReplicationGroup (SET)"]
    begun = [e.call for e in result.history.about(Action.FAULT) if e.kind is Kind.INVOKE]
    assert begun == (calls if signed.username is None else ["ModifyUser", "ModifyUser"])
    assert result.cleaned_up
    assert secret.password(signed.place.api, signed.secret) != before
    assert before not in repr(result), "no password is ever in a report"


@pytest.mark.engine
def test_a_rotation_that_was_interrupted_is_brought_to_its_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """By cleanup, which reads the password where the drill did; once: where it had ended, no new one is begun."""
    monkeypatch.setenv("XDG_STATE_HOME", str(place.folder / "state"))
    signed = Signed(place, "by-token", None, "token")
    group = inventory.replication_group(place.api, signed.group)

    def never(_seconds: float) -> None:
        raise KeyboardInterrupt

    with record.opened(record.scope_of(place.api), signed.group, "run") as kept:
        context = replace(place.context(group, "run", kept), access=signed.access, secret=signed.secret)
        kept.note(record.Change("keys", {"run_id": "run", "secret": signed.secret}))
        with pytest.raises(KeyboardInterrupt):
            DRILLS["credential-rotation"].fault(context).inject("0001", History(), Clock(sleep=never))
        assert [change.kind for change in kept.changes] == ["keys", "rotation"]
        assert rotations.begun(secret.observe(place.api, signed.secret))

    told = cleanup()

    held = secret.password(place.api, signed.secret)
    assert not rotations.begun(secret.observe(place.api, signed.secret))
    assert not any(word in told for word in (held, OLD))
    with record.opened(record.scope_of(place.api), signed.group, "run") as kept:
        kept.note(record.Change("rotation", {"secret": signed.secret, "username": ""}))
    cleanup()
    assert secret.password(place.api, signed.secret) == held


def cleanup() -> str:
    """Run the command; everything must be put back."""
    done = CliRunner().invoke(main, ["drill", "cleanup"], catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (0, "everything is as it was\n"), done.output
    return done.output


@pytest.mark.engine
def test_a_password_that_is_changed_behind_the_secrets_back_is_found(place: Place) -> None:
    """Negative control on real engines: what the secret holds is refused, at every node."""
    signed, history = Signed(place, "by-user", "app", "app"), History()
    group = inventory.replication_group(place.api, signed.group)
    history.log(Action.FAULT, Kind.OK, "0001")
    sign_ins = SignIns(group, signed.access, lambda: secret.password(place.api, signed.secret), history)

    def members(kind: Kind) -> set[str | None]:
        return {entry.member for entry in history.about(Action.SIGN_IN) if entry.kind is kind}

    with sign_ins.going_on():
        shard.wait_until(lambda: len(members(Kind.OK)) == 2, "sign-ins")
        place.local.client.modify_user(UserId="app", Passwords=["nobody-has-told-anybody"])
        shard.wait_until(lambda: len(members(Kind.FAIL)) == 2, "refusals")

    told = sign_in(history, "0001", Limits())
    assert told.verdict is Verdict.FAILED
    assert told.sentence.endswith("at by-user-001, by-user-002")
    place.local.client.modify_user(UserId="app", Passwords=[signed.access.password or ""])


@pytest.mark.engine
@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({"secret": None}, "name it with --secret"),
        ({"secret": "token", "hold_seconds": 0.5}, "--hold 0.5 is too short"),
        ({"secret": "token", "group": "by-user"}, "say whose it is with --username"),
    ],
)
def test_a_rotation_that_cannot_work_is_refused_before_anything_is_changed(
    place: Place, context: dict[str, Any], reason: str
) -> None:
    """Each with what to do."""
    group = inventory.replication_group(place.api, context.pop("group", "by-token"))

    with pytest.raises(RefusedError, match=reason):
        DRILLS["credential-rotation"].fault(replace(place.context(group), **context))


def forged(*sign_ins: tuple[float, str | None], old: str | None = "WRONGPASS", changes: int = 2) -> History:
    """Return a history of changes that were accepted at 1, 2, ..., and of sign-ins with what they came to."""
    moments = iter([*(float(number) for number in range(1, changes + 1)), *(at for at, _ in sign_ins), 9.0])
    history = History(lambda: next(moments))
    for _ in range(changes):
        history.log(Action.FAULT, Kind.OK, "0001")
    for _, error in sign_ins:
        history.log(Action.SIGN_IN, Kind.FAIL if error else Kind.OK, "0001", member="orders-001", error=error)
    history.log(Action.OLD_SIGN_IN, Kind.FAIL if old else Kind.OK, "0001", member="orders-001", error=old)
    return history


EACH = ((0.5, None), (1.5, None), (2.5, None))


@pytest.mark.parametrize(
    ("history", "verdict", "sentence"),
    [
        (forged(*EACH), Verdict.PASSED, "none of 3 was refused, and the old password has ended"),
        (forged(*EACH, (1.7, "refused")), Verdict.PASSED, "none of 4 was refused"),
        (forged(*EACH, (1.6, "WRONGPASS"), (1.8, "WRONGPASS")), Verdict.FAILED, "2 of 5 were refused (WRONGPASS)"),
        (forged(*EACH, old=None), Verdict.FAILED, "the old password still signs in at orders-001"),
        (forged(*EACH[:1], *EACH[2:]), Verdict.UNKNOWN, "nobody signed in between two changes"),
        (forged(*EACH[:2]), Verdict.UNKNOWN, "nobody signed in after the last change"),
        (forged(*EACH[1:]), Verdict.UNKNOWN, "nobody signed in before the first change"),
        (forged(*EACH, changes=0), Verdict.UNKNOWN, "for none was accepted"),
    ],
)
def test_a_refused_sign_in_or_an_old_password_fails_and_a_gap_in_the_evidence_is_unknown(
    history: History, verdict: Verdict, sentence: str
) -> None:
    """A node that does not answer is no refusal: that is what the outages tell of."""
    found = sign_in(history, "0001", Limits())

    assert (found.verdict, sentence in found.sentence) == (verdict, True), found.sentence

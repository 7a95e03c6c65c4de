"""The state of moto's backends as bytes."""

from __future__ import annotations

import pickle
import threading
from typing import Any

import pytest
from moto.ec2.models import EC2Backend
from moto.kms.utils import generate_private_key
from moto.ssm.models import SimpleSystemManagerBackend

from elasticache_kit.emulator.persistence import pickling
from elasticache_kit.emulator.region import Region

ACCOUNT, REGION = "123456789012", "eu-west-1"


def test_public_images_are_not_written_and_have_their_ids_again() -> None:
    """They are nine tenths of what EC2 holds, and moto brings them along."""
    before: Any = EC2Backend(REGION, ACCOUNT)
    own = before.register_image("own", "d")
    data = pickling.dumps(before)

    after: Any = pickling.loads(data)

    assert len(data) < len(pickle.dumps(before)) / 4
    assert [(name, image.ebs_snapshot.id) for name, image in after.amis.items()] == [
        (name, image.ebs_snapshot.id) for name, image in before.amis.items()
    ]
    assert set(after.snapshots) == set(before.snapshots)
    assert after.amis[own.id].name == "own"
    assert after.amis["ami-12c6146b"].ec2_backend is after
    assert set(after.vpcs) == set(before.vpcs)


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256"])
def test_a_private_key_comes_back(spec: str) -> None:
    """KMS of moto holds one as soon as a key is described; what it signs is still verified."""
    before: Any = generate_private_key(spec)
    after: Any = pickling.loads(pickling.dumps(before))

    assert type(after) is type(before)
    assert after.public_key() == before.public_key()


def test_a_lock_comes_back_free() -> None:
    """Who held it is gone."""
    lock = threading.Lock()
    with lock:
        kept = pickling.loads(pickling.dumps([lock, lock]))

    assert kept[0] is kept[1]
    assert not kept[0].locked()


def test_parameters_of_systems_manager_come_back() -> None:
    """They are in a dictionary that a plain pickle cannot make again."""
    before = SimpleSystemManagerBackend(REGION, ACCOUNT)
    with pytest.raises(AttributeError, match="local object"):
        pickle.dumps(before)
    before.put_parameter("/a", "d", "value", "String", "", "", True, [], "text", None, None)

    after: SimpleSystemManagerBackend = pickling.loads(pickling.dumps(before))

    assert after.get_parameter("/a").value == "value"  # pyright: ignore[reportOptionalMemberAccess] - None would fail too


def test_a_region_comes_back_with_what_it_shares() -> None:
    """The tags of a region are those of moto's backend."""
    before = Region(ACCOUNT, REGION)
    region, tagging = pickling.loads(pickling.dumps((before, before.tagging)))

    assert region.tagging is tagging
    assert set(region.users) == set(before.users)
    assert region.lock.acquire(blocking=False)

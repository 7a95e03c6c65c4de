"""The access keys that this emulator has given out, with which clients sign."""

from __future__ import annotations

from moto.backends import get_backend
from moto.core.utils import utcnow


def secret(access_key_id: str) -> str | None:
    """Give the secret of an access key of a user or an assumed role; None for a key that was not made here.

    A key that is inactive or has expired has an empty one, with which no signature is right.
    """
    for partitions in get_backend("iam").values():
        for backend in partitions.values():
            for key in backend.get_all_access_keys_for_all_users():
                if key.access_key_id == access_key_id:
                    return key.secret_access_key if key.status == "Active" else ""
    for partitions in get_backend("sts").values():
        for backend in partitions.values():
            for role in backend.assumed_roles:
                if role.access_key_id == access_key_id:
                    return role.secret_access_key if role.expiration > utcnow() else ""
    return None

"""What a leased cache asks of Memcached: the same few things as of Valkey, by `add`, and by `gets` with `cas`.

    add k <lease> 2 -> load -> gets k -> <lease>, 17 -> cas k <value> 300 17

The number that `gets` gives belongs to that one item: whoever deletes or replaces it voids it, so a fill is fenced as
with IFEQ. All versions of Memcached know these commands.
https://docs.memcached.org/protocols/basic/ says what they do.

A key stays on the node that the list of nodes gives it, also where that node does not answer: a client that took
another one instead would leave an old value behind, for the day that the first one answers again.
"""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING, Any

from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from elasticache_kit.cache.policy import Policy

LONGEST_KEY = 250
# A longer time is read as a date.
LONGEST_SECONDS = 60 * 60 * 24 * 30
AT_ONCE = -1
_PLAIN = re.compile(r"[!-~]+")
_LIBRARIES = frozenset({"pymemcache", "django_elastipymemcache", "emcache"})


def is_of_memcached(client: object) -> bool:
    """Say whether this is a client of Memcached: of pymemcache, django-elastipymemcache or emcache."""
    return type(client).__module__.partition(".")[0] in _LIBRARIES


def check(policy: Policy) -> None:
    """Refuse a policy with times that Memcached cannot keep, which counts in whole seconds.

    Raises:
        ValidationError: with all that is wrong.
    """
    times = {"ttl": policy.ttl, "negative_ttl": policy.negative_ttl, "lease": policy.lease}
    wrong = [f"{name} = {seconds}" for name, seconds in times.items() if seconds is not None and seconds < 1]
    if wrong:
        raise ValidationError(f"{', '.join(wrong)}: Memcached counts in whole seconds; take at least 1")


def key_of(name: str) -> str:
    """Return the key of a name: itself, or its digest where it is too long or has what no key may have."""
    if len(name) <= LONGEST_KEY and _PLAIN.fullmatch(name):
        return name
    # No prefix of a policy begins like this.
    return f"#{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()}"


class MemcachedStore:
    """Nodes of Memcached, through a client of pymemcache or django-elastipymemcache.

    Args:
        client: a client that leaves bytes as they are.
        policy: of the cache.

    Raises:
        ValidationError: the policy has times that Memcached cannot keep.
    """

    def __init__(self, client: Any, policy: Policy) -> None:
        check(policy)
        self._client = client

    def get(self, name: str) -> bytes | None:
        """Return what is there."""
        key = key_of(name)
        return self._node(key).get(key)

    def acquire(self, name: str, lease: bytes, seconds: int) -> bytes | None:
        """Put a lease where nothing is: None, or what is there."""
        key = key_of(name)
        node = self._node(key)
        while not node.add(key, lease, expire=seconds, noreply=False):
            # Where it is gone by now, once more.
            if (found := node.get(key)) is not None:
                return found
        return None

    def swap(self, name: str, old: bytes, new: bytes, seconds: int) -> bool:
        """Replace what is there if it is what we think, and say whether it was."""
        key = key_of(name)
        node = self._node(key)
        found, number = node.gets(key)
        return found == old and node.cas(key, new, number, expire=_expiry(seconds), noreply=False) is True

    def set(self, name: str, new: bytes, seconds: int) -> bool:
        """Put something there."""
        key = key_of(name)
        return self._node(key).set(key, new, expire=_expiry(seconds), noreply=False)

    def delete(self, name: str) -> bool:
        """Remove what is there, and say whether there was something."""
        key = key_of(name)
        return self._node(key).delete(key, noreply=False)

    def close(self) -> None:
        """Close the connections."""
        for node in getattr(self._client, "clients", {}).values():
            node.close()
        self._client.close()

    def _node(self, key: str) -> Any:
        # Commands of HashClient itself go to another node where the one of the key has failed.
        find = getattr(self._client, "_get_client", None)
        return self._client if find is None else find(key)


class AsyncMemcachedStore:
    """The same through a client of emcache, which leaves each key on its node.

    Args:
        client: a client of emcache that does not purge nodes.
        policy: of the cache.

    Raises:
        ValidationError: the policy has times that Memcached cannot keep.
    """

    def __init__(self, client: Any, policy: Policy) -> None:
        import emcache  # noqa: PLC0415 - an extra, which the client is of

        check(policy)
        self._client, self._library = client, emcache

    async def get(self, name: str) -> bytes | None:
        """Return what is there."""
        found = await self._client.get(key_of(name).encode())
        return None if found is None else found.value

    async def acquire(self, name: str, lease: bytes, seconds: int) -> bytes | None:
        """Put a lease where nothing is: None, or what is there."""
        key = key_of(name).encode()
        while True:
            try:
                await self._client.add(key, lease, exptime=seconds)
            except self._library.NotStoredStorageCommandError:
                # Where it is gone by now, once more.
                if (found := await self._client.get(key)) is not None:
                    return found.value
            else:
                return None

    async def swap(self, name: str, old: bytes, new: bytes, seconds: int) -> bool:
        """Replace what is there if it is what we think, and say whether it was."""
        key = key_of(name).encode()
        found = await self._client.gets(key)
        if found is None or found.value != old:
            return False
        try:
            await self._client.cas(key, new, found.cas, exptime=_expiry(seconds))
        except self._library.NotStoredStorageCommandError:
            return False
        except self._library.StorageCommandError as error:
            if "NOT_FOUND" in str(error):
                return False
            raise
        return True

    async def set(self, name: str, new: bytes, seconds: int) -> bool:
        """Put something there."""
        await self._client.set(key_of(name).encode(), new, exptime=_expiry(seconds))
        return True

    async def delete(self, name: str) -> bool:
        """Remove what is there, and say whether there was something."""
        try:
            await self._client.delete(key_of(name).encode())
        except self._library.NotFoundCommandError:
            return False
        return True

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _expiry(seconds: int) -> int:
    if seconds < 1:
        return AT_ONCE
    return seconds if seconds <= LONGEST_SECONDS else int(time.time()) + seconds

"""A program that reads a key with many threads: `python -m tests.cache.reader THREADS SECONDS LEASE`.

Its loader counts itself in the cache, and takes SECONDS. It says `ready`, waits for a line, says `loading` when the
loader begins, and in the end what its threads got.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from elasticache_kit.cache import LeasedCache, Policy, connect


def main() -> None:
    """Read."""
    threads, seconds, lease = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    client = connect(environ=os.environ)
    cache = LeasedCache(client, Policy(prefix="stampede", lease=lease, wait=10))
    found: list[int] = []

    def load() -> int:
        print("loading", flush=True)  # noqa: T201 - this is how it speaks
        number = client.incr("loads")
        time.sleep(seconds)
        return number

    readers = [threading.Thread(target=lambda: found.append(cache.read("k", load))) for _ in range(threads)]
    print("ready", flush=True)  # noqa: T201 - see above
    sys.stdin.readline()
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    print(*found, flush=True)  # noqa: T201 - see above


if __name__ == "__main__":
    main()

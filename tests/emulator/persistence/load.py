"""A client that writes through TLS for as long as it lives, and notes each key that was acknowledged in a file.

python load.py ADDRESS PORT CA_FILE PREFIX JOURNAL
"""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import Any

from valkey.cluster import ValkeyCluster
from valkey.exceptions import ValkeyClusterException, ValkeyError

PACE_SECONDS = 0.002
RETRY_SECONDS = 0.05


def connected(address: str, port: int, ca_file: str) -> Any:
    """Return a client, however long it takes until there is somebody to connect with."""
    while True:
        with contextlib.suppress(ValkeyError, ValkeyClusterException, OSError):
            secured: dict[str, Any] = {"ssl": True, "ssl_ca_certs": ca_file, "socket_timeout": 1}
            return ValkeyCluster(host=address, port=port, **secured)
        time.sleep(RETRY_SECONDS)


def main() -> None:
    """Write until killed."""
    address, port, ca_file, prefix, journal = sys.argv[1:]
    client, number = connected(address, int(port), ca_file), 0
    with Path(journal).open("a", encoding="utf-8", buffering=1) as acknowledged:
        while True:
            key = f"{prefix}-{number}"
            try:
                client.set(key, "1")
            except Exception:  # noqa: BLE001 - see below
                # Whatever a stock client raises in the middle of it all: begin again, as a service that restarts.
                with contextlib.suppress(Exception):
                    client.close()
                client = connected(address, int(port), ca_file)
                continue
            acknowledged.write(f"{key}\n")
            number += 1
            time.sleep(PACE_SECONDS)


if __name__ == "__main__":
    main()

"""Reboot a Memcached node under reads: which share of the keys it takes along, and when hits are back.

    python scripts/memcached_node_loss_drill.py CACHE_CLUSTER [--keys 1000] [--apply]

The same as `elasticache-kit drill memcached-node-loss`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "memcached-node-loss", *sys.argv[1:]], prog_name="elasticache-kit")

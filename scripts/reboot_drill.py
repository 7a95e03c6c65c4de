"""Reboot the primary of a group without cluster mode under load and report what clients saw.

    python scripts/reboot_drill.py REPLICATION_GROUP [--report DIR] [--apply]

The same as `elasticache-kit drill run reboot`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "reboot", *sys.argv[1:]], prog_name="elasticache-kit")

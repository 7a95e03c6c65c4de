"""Reboot nodes one after the other, the primary last: prints the plan, and does it with --apply.

    python scripts/reboot.py CACHE [--node ID]... [--apply]

The same as `elasticache-kit reboot`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["reboot", *sys.argv[1:]], prog_name="elasticache-kit")

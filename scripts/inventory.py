"""Show every cache of a Region, or of all, with its nodes and what to look at.

    python scripts/inventory.py [--all-regions] [--strict]

The same as `elasticache-kit inventory`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["inventory", *sys.argv[1:]], prog_name="elasticache-kit")

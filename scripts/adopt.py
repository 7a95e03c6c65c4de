"""Write the constructs of a replication group that exists, and the mapping that `cdk import` needs.

    python scripts/adopt.py REPLICATION_GROUP [--stack NAME] [--id ID] [--out FILE] [--force]

The same as `elasticache-kit adopt`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["adopt", *sys.argv[1:]], prog_name="elasticache-kit")

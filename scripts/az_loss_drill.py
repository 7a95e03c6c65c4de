"""Take the power from the zone of a primary under load, on AWS by AWS FIS, and report what clients saw.

    python scripts/az_loss_drill.py REPLICATION_GROUP [--fis-template ID] [--report DIR] [--apply]

The same as `elasticache-kit drill run az-loss`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "az-loss", *sys.argv[1:]], prog_name="elasticache-kit")

"""Take a snapshot under load, restore it into a new group, and hold it against what had been acknowledged.

    python scripts/backup_restore_drill.py REPLICATION_GROUP [--report DIR] [--apply]

The same as `elasticache-kit drill run backup-restore`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "backup-restore", *sys.argv[1:]], prog_name="elasticache-kit")

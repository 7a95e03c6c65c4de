"""Replace an AUTH token or the password of a user, through Secrets Manager: prints the plan, and does it with --apply.

    python scripts/rotate.py auth-token REPLICATION_GROUP --secret NAME [--pause 300] [--apply]
    python scripts/rotate.py user USER --secret NAME [--pause 300] [--apply]

The same as `elasticache-kit rotate`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["rotate", *sys.argv[1:]], prog_name="elasticache-kit")

"""Replace an AUTH token or a user's password under load, and report whether what the secret held was ever refused.

    python scripts/credential_rotation_drill.py REPLICATION_GROUP --secret NAME [--username USER] [--hold 60] [--apply]

The same as `elasticache-kit drill run credential-rotation`. On AWS it prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["drill", "run", "credential-rotation", *sys.argv[1:]], prog_name="elasticache-kit")

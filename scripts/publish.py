"""Store the report of a drill in S3, and tell CloudWatch whether it has passed, failed, or could not tell.

    python scripts/publish.py FOLDER --bucket BUCKET [--prefix PREFIX] [--exit-code NUMBER] [--apply]

The same as `elasticache-kit publish`. It prints what it would do unless --apply is given.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["publish", *sys.argv[1:]], prog_name="elasticache-kit")

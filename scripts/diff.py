"""Say what a deployment would do to every cache, and stop it where data would be lost.

    python scripts/diff.py [ASSEMBLY|TEMPLATE] [--deployed FILE | --stack NAME] [--acknowledge LOGICAL_ID]

The same as `elasticache-kit diff`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["diff", *sys.argv[1:]], prog_name="elasticache-kit")

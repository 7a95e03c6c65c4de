"""Compare a parameter group with what is wanted, and set it: prints the plan, does it with --apply.

    python scripts/parameters.py diff PARAMETER_GROUP (--set NAME=VALUE | --file FILE | --like GROUP)
    python scripts/parameters.py apply PARAMETER_GROUP (--set NAME=VALUE | --file FILE | --like GROUP) [--apply]

The same as `elasticache-kit parameters`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["parameters", *sys.argv[1:]], prog_name="elasticache-kit")

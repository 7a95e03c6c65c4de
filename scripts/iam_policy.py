"""Print the IAM policy that allows commands what they need, and nothing else.

    python scripts/iam_policy.py COMMAND... [--region REGION] [--account ID]

The same as `elasticache-kit iam-policy`.
"""

import sys

from elasticache_kit.cli import main

if __name__ == "__main__":
    main(["iam-policy", *sys.argv[1:]], prog_name="elasticache-kit")

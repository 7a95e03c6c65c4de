"""What of moto an emulator needs, and when."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator

def imported():
    print(" ".join(sorted({name.split(".")[1] for name in sys.modules if name.startswith("moto.")})))

with Emulator(Path(sys.argv[1]), timing=INSTANT, engines=False) as emulator:
    account = LocalAccount(emulator)
    account.client("elasticache").describe_replication_groups()
    imported()
    account.client("kms").list_keys()
    imported()
    account.client("cloudformation").describe_stacks()
    imported()
"""
DEAR = {"awslambda", "cloudformation", "ec2", "kms", "stepfunctions"}


def test_a_service_is_imported_when_it_is_first_asked(tmp_path: Path) -> None:
    """ElastiCache starts without the others, for they take several times as long; CloudFormation needs them all."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], check=True, text=True, stdout=subprocess.PIPE)

    alone, with_keys, with_stacks = (set(line.split()) for line in done.stdout.splitlines())
    assert alone & DEAR == set()
    assert with_keys & DEAR == {"kms"}
    assert with_stacks >= DEAR

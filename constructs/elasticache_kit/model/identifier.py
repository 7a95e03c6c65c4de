"""Identifiers: how each resource may be called.

Each function returns what is wrong with a name, one clause for each mistake, and nothing where it is right. ElastiCache
stores every identifier in lower case, so two that differ in case are one.
"""

from __future__ import annotations

import re

REMEDY = "take ASCII letters, digits and single hyphens, a letter first and no hyphen last"

_NO_LETTER = "does not begin with a letter"
_LONGEST_NAME = 255
_LONGEST_REPLICATION_GROUP_ID = 40
_LONGEST_CACHE_CLUSTER_ID = 50
_LONGEST_NODE_GROUP_ID = 4
LONGEST_USER_ID = 40
_LONGEST_USER_GROUP_ID = 40
_LONGEST_SERVERLESS_CACHE_NAME = 40


def fold(identifier: str) -> str:
    """Return an identifier as ElastiCache stores it: in lower case."""
    return identifier.lower()


def replication_group_id(name: str) -> tuple[str, ...]:
    """Check the id of a replication group."""
    return _identifier(name, _LONGEST_REPLICATION_GROUP_ID)


def cache_cluster_id(name: str) -> tuple[str, ...]:
    """Check the id of a cache cluster."""
    return _identifier(name, _LONGEST_CACHE_CLUSTER_ID)


def parameter_group_name(name: str) -> tuple[str, ...]:
    """Check the name of a parameter group of one's own."""
    return _identifier(name, _LONGEST_NAME)


def subnet_group_name(name: str) -> tuple[str, ...]:
    """Check the name of a subnet group."""
    return _identifier(name, _LONGEST_NAME)


def serverless_cache_name(name: str) -> tuple[str, ...]:
    """Check the name of a serverless cache."""
    return _identifier(name, _LONGEST_SERVERLESS_CACHE_NAME)


def snapshot_name(name: str) -> tuple[str, ...]:
    """Check the name of a snapshot of a node-based cache, or of the last one of a serverless cache."""
    return _identifier(name, _LONGEST_NAME)


def serverless_cache_snapshot_name(name: str) -> tuple[str, ...]:
    """Check the name of a snapshot of a serverless cache, which is in lower case."""
    capitals = () if name == fold(name) else ("holds capital letters",)
    return (*_identifier(name, _LONGEST_NAME), *capitals)


def global_replication_group_id_suffix(name: str) -> tuple[str, ...]:
    """Check the suffix of the id of a global datastore; a digit may stand first, since a prefix goes before it."""
    return tuple(problem for problem in _identifier(name, _LONGEST_NAME) if problem != _NO_LETTER or name[:1] == "-")


def user_id(name: str) -> tuple[str, ...]:
    """Check the id of a user, without its length."""
    return _access_id(name)


def user_group_id(name: str) -> tuple[str, ...]:
    """Check the id of a user group."""
    long = (f"is longer than {_LONGEST_USER_GROUP_ID} characters",) if len(name) > _LONGEST_USER_GROUP_ID else ()
    return (*long, *_access_id(name))


def node_group_id(name: str) -> tuple[str, ...]:
    """Check the id of a node group in a NodeGroupConfiguration."""
    return () if re.fullmatch(rf"[0-9]{{1,{_LONGEST_NODE_GROUP_ID}}}", name) else ("is not 1 to 4 digits",)


def _identifier(name: str, longest: int) -> tuple[str, ...]:
    problems: list[str] = []
    if not name:
        return ("is empty",)
    if len(name) > longest:
        problems.append(f"is longer than {longest} characters")
    if not re.match(r"[A-Za-z]", name):
        problems.append(_NO_LETTER)
    if not re.fullmatch(r"[A-Za-z0-9-]*", name):
        problems.append("holds something else than ASCII letters, digits and hyphens")
    if "--" in name:
        problems.append("holds two hyphens in a row")
    if name.endswith("-"):
        problems.append("ends with a hyphen")
    return tuple(problems)


def _access_id(name: str) -> tuple[str, ...]:
    """Check what users and user groups are called by, which may hold hyphens anywhere but in front."""
    if not name:
        return ("is empty",)
    problems: list[str] = []
    if not re.match(r"[A-Za-z]", name):
        problems.append(_NO_LETTER)
    if not re.fullmatch(r"[A-Za-z0-9-]*", name):
        problems.append("holds something else than ASCII letters, digits and hyphens")
    return tuple(problems)

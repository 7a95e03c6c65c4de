"""S3, whose bucket policies moto judges without their conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.s3.models import FakeBucket

from elasticache_kit.emulator.cloudformation import bucket_policy


def install() -> Callable[[], None]:
    """Judge bucket policies our way and return what undoes that."""
    bucket: Any = FakeBucket
    stock, bucket.get_permission = bucket.get_permission, bucket_policy.get_permission

    def undo() -> None:
        bucket.get_permission = stock

    return undo

"""The stacks that the tour adds to those of this repository."""

from __future__ import annotations

SHOP = "elasticache-kit-shop"
DURABLE = "DurabilitySync"

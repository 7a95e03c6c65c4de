"""Fn::Cidr, which moto's CloudFormation lacks: so many blocks of one size out of a block of addresses.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, cast

NAME = "Fn::Cidr"
MOST = 256


def blocks(block: str, count: int, bits: int) -> list[str]:
    """Return the first blocks of a block.

    Args:
        block: the whole, of IPv4 or IPv6.
        count: how many, 1 to 256.
        bits: the bits of an address in each that are free.

    Raises:
        ValueError: there are not as many in it.
    """
    whole = ipaddress.ip_network(block)
    length = whole.max_prefixlen - bits
    if not 1 <= count <= MOST or length < whole.prefixlen or 2 ** (length - whole.prefixlen) < count:
        raise ValueError(f"{NAME}: there are no {count} blocks of {bits} bits in {block}")
    return [str(found) for found in islice(whole.subnets(new_prefix=length), count)]


def resolved(value: Any, resolve: Callable[[Any], Any]) -> Any:
    """Replace every Fn::Cidr in a value by its blocks.

    Args:
        value: a part of a template.
        resolve: gives the value of what an Fn::Cidr is about.
    """
    if isinstance(value, list):
        return [resolved(item, resolve) for item in cast("list[Any]", value)]
    if not isinstance(value, Mapping):
        return value
    mapping = cast("Mapping[str, Any]", value)
    if NAME in mapping:
        # Without bits a block is of 32 addresses, as AWS has it for IPv4.
        block, count, *bits = resolve(mapping[NAME])
        return blocks(str(block), int(count), int(bits[0]) if bits else 5)
    return {key: resolved(item, resolve) for key, item in mapping.items()}

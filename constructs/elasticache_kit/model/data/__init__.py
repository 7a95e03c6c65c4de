"""The facts that the model knows, as JSON, each with its source.

What packages carry of AWS's own is made from them by `make model-data`, all else is edited here; `about` in each file
says which is which. A source is written `KEY:place`; every file says under `sources` what its keys stand for.
`UNSOURCED` marks a guess, which no rule refuses anything for.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def load(name: str) -> object:
    """Return the content of one file, `engines` for `engines.json`; it is read once."""
    # Not importlib.resources: its import takes three times as long as everything else here.
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))

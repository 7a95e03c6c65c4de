"""The ElastiCache API on the wire: botocore's model parses requests and writes answers, the actions do the rest."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.model import OperationNotFoundError
from moto.core.exceptions import ServiceException
from moto.elasticache import urls as stock_urls
from moto.elasticache.models import ElastiCacheBackend, elasticache_backends
from moto.elasticache.responses import ElastiCacheResponse
from werkzeug.exceptions import HTTPException

from elasticache_kit.emulator import runtime, upkeep
from elasticache_kit.emulator.action import character, tag, unknown_action
from elasticache_kit.emulator.action.argument import Request
from elasticache_kit.emulator.answer import Answer
from elasticache_kit.emulator.fault import Fault
from elasticache_kit.emulator.operation import OPERATIONS
from elasticache_kit.emulator.region import Region

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE

logger = logging.getLogger(__name__)

RULES_HEADER = "x-elasticache-kit-rules"


class LocalElastiCacheBackend(ElastiCacheBackend):
    """moto's backend of one account and region, with our state beside its own."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.region = Region(account_id, region_name, self.tagging_service)

    @property
    def _url_module(self) -> Any:
        return stock_urls


class LocalElastiCacheResponse(ElastiCacheResponse):
    """moto's dispatcher: our actions, and a clear refusal of what is none."""

    def parse_parameters(self, request: Any) -> None:
        """Read a request; an operation that no model knows has nothing to read, and `call_action` refuses it."""
        with contextlib.suppress(OperationNotFoundError):
            super().parse_parameters(request)

    def call_action(self) -> TYPE_RESPONSE:
        """Answer one request."""
        name = self._get_action()
        if name not in OPERATIONS:
            return unknown_action.answer(self)
        if (refused := self._refused()) is not None:
            return refused
        backend: Any = elasticache_backends[self.current_account][self.region]
        try:
            runtime.current().interference.judge(self.region, name)
            # No job changes a table while a list is made of it; what takes time goes on in jobs, outside of the lock.
            with backend.region.lock:
                upkeep.do_what_is_due(backend.region)
                request: Mapping[str, Any] = Request(self._get_params())
                character.judge(request)
                tag.judge(request)
                result: object = OPERATIONS[name].action(backend.region, request)
        except ServiceException as fault:
            result = fault
        except Exception as defect:
            # A defect of ours: the log has the traceback, the client an answer that no SDK tries again for a minute.
            logger.exception("%s", name)
            result = Fault("InternalFailure", f"The local emulator failed at {name}: {defect!r}. Its log says where.")
        status, headers, body = self.serialized(Answer(result))
        headers, body = self._enrich_response(headers, body)
        if isinstance(result, Fault) and result.rule_ids:
            # AWS's errors have a code and a sentence, and no place for the name of a rule of ours.
            headers[RULES_HEADER] = ", ".join(result.rule_ids)
        return status, headers, body

    def _refused(self) -> TYPE_RESPONSE | None:
        """Return the refusal of a caller whose policies do not allow the operation, where moto was told to ask IAM."""
        try:
            self._authenticate_and_authorize_normal_action("*")
        except HTTPException as refused:
            status, headers, body = self._transform_response(
                self.response_headers, (refused.description, {"status": refused.code})
            )
            headers, body = self._enrich_response(headers, body)
            return status, headers, body
        return None

"""Lambda, whose functions moto runs in Docker alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction

from elasticache_kit.emulator import lambda_function


def install() -> Callable[[], None]:
    """Run functions in processes of this machine and return what undoes that."""
    function: Any = LambdaFunction
    stock, function._invoke_lambda = function._invoke_lambda, lambda_function.invoke  # noqa: SLF001 - the seam

    def undo() -> None:
        function._invoke_lambda = stock  # noqa: SLF001 - the seam

    return undo

"""Every error that elasticache-kit raises on purpose.

    ElastiCacheKitError
      ValidationError (ValueError)        what was asked for is something that ElastiCache refuses
        DocumentError                     a file is not the CloudFormation template or cloud assembly that it should be
      NotFoundError (LookupError)         a named resource does not exist
      RefusedError                        an operation would fail or do harm, with every reason
      NotOfferedError                     the API that answers does not know the operation, as moto alone
      MissingToolError                    a program or package is not there: what was probed, why, the remedies
      ConnectionFailedError (ConnectionError)  no credentials, no endpoint, no answer
      WaitTimeoutError (TimeoutError)     something did not reach its state in time
      EmulatorError                       the local ElastiCache cannot do what was asked
        PortInUseError
        EngineStartError
        NotLocalError                     a local command would have left the machine

A message is one or more plain sentences: what is wrong, the value, what is allowed, what to do. The command line prints
it as it stands and exits; a traceback means a defect of ours.
"""

from __future__ import annotations

from collections.abc import Sequence


class ElastiCacheKitError(Exception):
    """The root of all errors raised on purpose."""


class ValidationError(ElastiCacheKitError, ValueError):
    """A resource as described is refused by ElastiCache; the message lists every violation."""


class DocumentError(ValidationError):
    """A file is not the CloudFormation template or cloud assembly that it should be; with the reason and the line."""


class NotFoundError(ElastiCacheKitError, LookupError):
    """A resource that was named does not exist."""


class RefusedError(ElastiCacheKitError):
    """An operation is refused before anything is changed.

    Args:
        operation: what was asked for, for example `failover of orders`.
        reasons: every reason, each a sentence of its own.
    """

    def __init__(self, operation: str, reasons: Sequence[str]) -> None:
        self.operation = operation
        self.reasons = tuple(reasons)
        super().__init__("\n".join([f"{operation} is refused:", *(f"  - {reason}" for reason in self.reasons)]))


class NotOfferedError(ElastiCacheKitError):
    """The API that answers does not know an operation: moto without this kit, or a Region that is behind."""


class MissingToolError(ElastiCacheKitError):
    """A program or package that is needed was not found.

    Args:
        tool: its name.
        probed: each place that was tried, with the reason why it did not do.
        remedies: what the user can do, each a command or a sentence.
    """

    def __init__(self, tool: str, probed: Sequence[str], remedies: Sequence[str]) -> None:
        self.tool = tool
        self.probed = tuple(probed)
        self.remedies = tuple(remedies)
        lines = [f"{tool} was not found. Tried:", *(f"  - {place}" for place in self.probed)]
        lines += ["What to do, any one of:", *(f"  - {remedy}" for remedy in self.remedies)]
        super().__init__("\n".join(lines))


class ConnectionFailedError(ElastiCacheKitError, ConnectionError):
    """AWS, the emulator or a cache could not be reached, or refused the credentials."""


class WaitTimeoutError(ElastiCacheKitError, TimeoutError):
    """A resource did not reach the awaited state in time."""


class EmulatorError(ElastiCacheKitError):
    """The local ElastiCache cannot do what was asked."""


class PortInUseError(EmulatorError):
    """Another process listens where the emulator or an engine should."""


class EngineStartError(EmulatorError):
    """An engine process did not start, or another process answers in its place."""


class NotLocalError(EmulatorError):
    """A command that must stay on this machine could not prove that it does."""

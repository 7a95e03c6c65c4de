"""The answer to an operation that does not exist here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE


def answer(response: Any) -> TYPE_RESPONSE:
    """Say with a 400 that the operation is missing: a 500, moto's answer, makes every SDK try again for a minute."""
    action = response._get_action()  # noqa: SLF001 - moto seam
    body = (
        "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code>"
        f"<Message>The action {action} is not implemented by the local emulator.</Message></Error>"
        "<RequestId>local</RequestId></ErrorResponse>"
    )
    return 400, {"status": "400", "Content-Type": "text/xml"}, body

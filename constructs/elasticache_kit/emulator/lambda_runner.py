"""Calls the handler of a Lambda function once; run as a program of its own in the folder of the function's code.

The event comes as one line on stdin, the answer goes to the file that the arguments name. When stdin ends the emulator
is gone, and so is this process.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

GONE = 70


class Context:
    """What a handler learns of its invocation, as far as Python functions commonly ask.

    See https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = os.environ["ELASTICACHE_KIT_FUNCTION_ARN"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.aws_request_id = os.environ["ELASTICACHE_KIT_REQUEST_ID"]

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left until the function is ended."""
        return max(0, int((self._end - time.monotonic()) * 1000))


def main(handler: str, seconds: str, answer: str) -> int:
    """Call the handler and write what it returned, or what it raised, as Lambda does."""
    event: Any = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    sys.path.insert(0, str(Path.cwd()))
    module, _, name = handler.rpartition(".")
    status, result = 0, None
    try:
        result = getattr(importlib.import_module(module.replace("/", ".")), name)(event, Context(float(seconds)))
        text = json.dumps(result)
    except BaseException as error:  # noqa: BLE001 - whatever a handler raises is its answer
        traceback.print_exc()
        status, text = 1, json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
    Path(answer).write_text(text, encoding="utf-8")
    return status


def _end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(GONE)


if __name__ == "__main__":
    # _exit: threads of the handler must not keep the process, as they would not keep a Lambda.
    code = main(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

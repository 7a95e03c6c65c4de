"""The build of a scheduled drill: the commands that CodeBuild runs.

See https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from elasticache_kit import __version__

_PYTHON = "3.12"
# The packages of clients under test, by what the names of the clients begin with.
_EXTRAS = {"valkey-py": "cache", "redis-py": "redis", "valkey-glide": "glide"}
# Not by its own name, which the shims of the image's Python do not know before they are made anew.
_KIT = "python -m elasticache_kit.cli"
_OBJECTIVES, _REPORT = "objectives.yaml", "report"
# Where CodeBuild unpacks what a build is given.
_WHEELS = '"$CODEBUILD_SRC_DIR"'


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillBuild:
    """What one build does. What only a deployment knows stands in variables of the build.

    Args:
        drill: the drill.
        trials: how often it is run.
        objectives: what the trials are held against.
        clients: the clients under test beside the reference.
        stop_alarms: how many alarms end it early.
        wheels: whether packages come with the build, and not from an index.
    """

    drill: str
    trials: int = 1
    objectives: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])
    clients: tuple[str, ...] = ()
    stop_alarms: int = 0
    wheels: bool = False

    def document(self) -> dict[str, object]:
        """Return the specification of the build."""
        return {
            "version": "0.2",
            "phases": {
                "install": {"runtime-versions": {"python": _PYTHON}, "commands": [self._install()]},
                "build": {"commands": [self.script()]},
            },
        }

    def script(self) -> str:
        """Return the drill as one command: its report is stored and its verdict told however it ends."""
        publish = f'{_KIT} publish {_REPORT} --drill {self.drill} --group "$GROUP" --exit-code "$code"'
        place = '--bucket "$BUCKET" --prefix "$PREFIX" --apply'
        lines = [
            *self._write_objectives(),
            "code=0",
            f"{self._run()} || code=$?",
            # What cannot be told has not passed either.
            f'{publish} {place} || {{ told=$?; [ "$code" -ne 0 ] || code=$told; }}',
            'exit "$code"',
        ]
        return "\n".join(lines)

    def _install(self) -> str:
        extras = sorted({"ops", *(_EXTRAS[name.removesuffix("-defaults")] for name in self.clients)})
        package = shlex.quote(f"elasticache-kit[{','.join(extras)}]=={__version__}")
        place = f" --no-index --find-links {_WHEELS}" if self.wheels else ""
        return f"python -m pip install --quiet --disable-pip-version-check{place} {package}"

    def _write_objectives(self) -> list[str]:
        if not self.objectives:
            return []
        lines = " ".join(shlex.quote(f"{name}: {limit}") for name, limit in self.objectives.items())
        return [f"printf '%s\\n' {lines} > {_OBJECTIVES}"]

    def _run(self) -> str:
        words = [_KIT, "drill", "run", self.drill, '"$GROUP"', "--apply", f"--trials {self.trials}"]
        words += [f"--slo {_OBJECTIVES}"] if self.objectives else []
        words += [f"--client {name}" for name in self.clients]
        words += [f'--stop-alarm "$STOP_ALARM_{number}"' for number in range(1, self.stop_alarms + 1)]
        words += ['--fis-template "$FIS_TEMPLATE"'] if self.drill == "az-loss" else []
        return " ".join([*words, f"--report {_REPORT}"])


def known_clients() -> tuple[str, ...]:
    """Return the clients whose packages a build can install."""
    return tuple(sorted({*_EXTRAS, "valkey-py-defaults", "redis-py-defaults"}))

"""`elasticache-kit parameters`: compare a parameter group with what is wanted, and set it."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
import yaml

from elasticache_kit.cli import EXIT_FAILED, option, output
from elasticache_kit.cli import operation as command
from elasticache_kit.errors import ValidationError
from elasticache_kit.ops import parameter_group, session

if TYPE_CHECKING:
    from elasticache_kit.ops.parameter_group import Difference, ParameterGroup


def _wanted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what is wanted."""
    options = (
        click.option("--set", "pairs", metavar="NAME=VALUE", multiple=True, help="A value; may be given many times."),
        click.option(
            "--file",
            "path",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Values in a YAML or JSON file, `name: value`.",
        ),
        click.option("--like", metavar="GROUP", help="The values that another parameter group sets."),
        click.option("--only", is_flag=True, help="What is set and not wanted goes back to the default."),
    )
    for add in reversed(options):
        function = add(function)
    return function


@click.group(epilog="Example: elasticache-kit parameters diff orders --like orders-staging")
def parameters() -> None:
    """Compare a parameter group with what is wanted, and set it."""


@parameters.command(epilog="Example: elasticache-kit parameters diff orders --like orders-staging")
@click.argument("name", metavar="PARAMETER_GROUP")
@_wanted
@option.output
@option.aws
def diff(
    name: str,
    pairs: tuple[str, ...],
    path: Path | None,
    like: str | None,
    *,
    only: bool,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Show what of PARAMETER_GROUP differs from what is wanted. Exit codes: 0 nothing, 1 something, 4 error."""
    api = session.connect(region=region, profile=profile)
    _, found = _differences(api, name, _values(api, pairs, path, like), only=only)
    if form == "json":
        output.document({"parameter_group": name, "differences": [dataclasses.asdict(item) for item in found]})
    else:
        output.data("\n".join(_line(item) for item in found) or "nothing differs")
    if found:
        sys.exit(EXIT_FAILED)


@parameters.command("apply", epilog="Example: elasticache-kit parameters apply orders --set timeout=300 --apply")
@click.argument("name", metavar="PARAMETER_GROUP")
@_wanted
@command.apply_option
@option.output
@option.aws
def apply_parameters(
    name: str,
    pairs: tuple[str, ...],
    path: Path | None,
    like: str | None,
    *,
    only: bool,
    apply: bool,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Set what of PARAMETER_GROUP differs from what is wanted."""
    api = session.connect(region=region, profile=profile)
    group, found = _differences(api, name, _values(api, pairs, path, like), only=only)
    command.perform(parameter_group.plan(group, found), api, apply=apply, form=form)


def _differences(
    api: session.Session, name: str, wanted: Mapping[str, str], *, only: bool
) -> tuple[ParameterGroup, tuple[Difference, ...]]:
    group = parameter_group.named(api, name)
    return group, parameter_group.differences(group, wanted, only=only)


def _values(api: session.Session, pairs: tuple[str, ...], path: Path | None, like: str | None) -> Mapping[str, str]:
    """Return what is wanted: of another group, of a file over it, and of the command over both.

    Raises:
        ValidationError: nothing is wanted, or it is not `name: value`.
    """
    if not (pairs or path or like):
        raise ValidationError("nothing is wanted: give --set, --file or --like")
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise ValidationError(f"--set takes NAME=VALUE, not {', '.join(wrong)}")
    values = dict(parameter_group.named(api, like).values) if like else {}
    values |= _read(path) if path else {}
    return values | dict(pair.split("=", 1) for pair in pairs)


def _read(path: Path) -> dict[str, str]:
    try:
        found: object = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValidationError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict) or not all(
        isinstance(value, str) for value in cast("dict[object, object]", found).values()
    ):
        raise ValidationError(f"{path} must hold `name: value` pairs")
    return {str(name): str(value) for name, value in cast("dict[object, object]", found).items()}


def _line(item: Difference) -> str:
    reboot = "  (takes a reboot)" if item.reboot else ""
    wanted = "the default" if item.wanted is None else item.wanted
    return f"{item.name}: {'nothing' if item.present is None else item.present} -> {wanted}{reboot}"

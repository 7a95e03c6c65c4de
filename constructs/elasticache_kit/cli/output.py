"""Data on standard output, talk on standard error."""

from __future__ import annotations

import json

import click


def data(text: str) -> None:
    """Print what the user asked for."""
    click.echo(text)


def document(value: object) -> None:
    """Print what the user asked for as JSON."""
    click.echo(json.dumps(value, indent=2, default=str))


def talk(text: str) -> None:
    """Print what helps the user along."""
    click.echo(text, err=True)

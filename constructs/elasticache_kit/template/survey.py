"""A survey: the templates among the files and directories that somebody names, and what was found in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from elasticache_kit.errors import DocumentError
from elasticache_kit.template import assembly, document
from elasticache_kit.template.check import check, concerned
from elasticache_kit.template.document import STDIN, Template
from elasticache_kit.template.problem import Problem

UNREADABLE = "template-unreadable"
RULES = {UNREADABLE: "A template can be read."}

_SUFFIXES = (".json", ".yaml", ".yml", ".template", ".cfn")
_SKIPPED = ("node_modules", "__pycache__")
# A file in a directory that says this was meant to be a template with a cache.
_MEANT = "AWS::ElastiCache::"
_LINE = re.compile(r"line ([0-9]+): ")


@dataclass(slots=True)
class Survey:
    """What was looked at, and what was found.

    Args:
        templates: how many templates were read.
        resources: how many resources of ElastiCache are in them.
        problems: what is wrong or doubtful, file by file.
        passed_over: the files that are no templates.
    """

    templates: int = 0
    resources: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])
    passed_over: list[str] = field(default_factory=list[str])


def survey(paths: Iterable[str], *, pass_over: bool = False) -> Survey:
    """Check every template among some files and directories.

    A directory is searched for JSON and YAML, and a file in it that is no template is passed over; hidden directories
    and node_modules are left out. Of a cloud assembly (cdk.out) the templates that its manifest names are checked.

    Args:
        paths: files, directories, and `-` for standard input.
        pass_over: whether a file that is named and is no template is passed over too. Default: it is an error.

    Raises:
        DocumentError: a file that was named is no template, or a path does not exist; with every one of them.
    """
    found = Survey()
    mistakes: list[str] = []
    for path in dict.fromkeys(paths):
        for file, named in _files(path):
            try:
                _add(found, file, named=named and not pass_over)
            except DocumentError as error:
                mistakes.append(str(error))
    if mistakes:
        raise DocumentError("\n".join(mistakes))
    return found


def _add(found: Survey, file: str | Template, *, named: bool) -> None:
    try:
        template = document.read(file) if isinstance(file, str) else file
    except DocumentError as error:
        if named or not isinstance(file, str) or not Path(file).is_file():
            raise
        if _MEANT in Path(file).read_text(encoding="utf-8", errors="replace"):
            found.problems.append(_unreadable(file, str(error)))
        else:
            found.passed_over.append(file)
        return
    found.templates += 1
    found.resources += len(concerned(template))
    found.problems.extend(check(template))


def _files(path: str) -> Iterator[tuple[str | Template, bool]]:
    """Yield the files behind a path, or templates that are read already, and whether the user named each."""
    directory = Path(path)
    if path == STDIN or not directory.is_dir():
        yield path, True
        return
    for folder, subfolders, files in os.walk(directory):
        here = Path(folder)
        if assembly.is_assembly(here):
            subfolders.clear()
            yield from ((stack.template, True) for stack in assembly.read(here))
            continue
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            if name.endswith(_SUFFIXES):
                yield str(here / name), False


def _unreadable(file: str, message: str) -> Problem:
    line = _LINE.search(message)
    return Problem(
        path=file,
        line=int(line[1]) if line else None,
        rule_id=UNREADABLE,
        level="error",
        message=message.removeprefix(file).strip(),
        remedy="mend it, or leave the file out",
    )

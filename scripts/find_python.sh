#!/bin/sh
# Print the path of a Python that can make the environment: 3.11 or newer, with venv and ensurepip.
# PYTHON=/path/to/python names the one to use; otherwise the first of those on PATH that fits is taken.
# This is the one step that cannot be written in Python: the Python at hand may be too old to read the rest.

probe='
import sys
try:
    import ensurepip, venv
    modules = "complete"
except ImportError:
    modules = "incomplete"
print("%d %d %d %s" % (tuple(sys.version_info[:3]) + (modules,)))
'
tried=
incomplete=

try_python() {
    name=$1
    if ! place=$(command -v "$name" 2>/dev/null); then
        reason="not found"
    elif ! answer=$("$place" -c "$probe" 2>/dev/null </dev/null); then
        reason="$place does not run"
    else
        # shellcheck disable=SC2086 # the answer is four words
        set -- $answer
        if [ "$#" -ne 4 ]; then
            reason="$place is no Python"
        elif [ "$1" -lt 3 ] || { [ "$1" -eq 3 ] && [ "$2" -lt 11 ]; }; then
            reason="$place is $1.$2.$3, which is too old"
        elif [ "$4" != complete ]; then
            reason="$place is $1.$2.$3, but its modules venv and ensurepip are not installed"
            incomplete=${incomplete:-$1.$2}
        else
            printf '%s\n' "$place"
            exit 0
        fi
    fi
    tried="$tried  - $name: $reason
"
}

if [ -n "${PYTHON:-}" ]; then
    try_python "$PYTHON"
else
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        try_python "$candidate"
    done
fi

{
    echo "A Python 3.11 or newer that can make virtual environments was not found. Tried:"
    printf '%s' "$tried"
    echo "What to do, any one of:"
    if [ -n "$incomplete" ]; then
        echo "  - add the missing modules: on Debian and Ubuntu, apt-get install python$incomplete-venv"
    fi
    echo "  - install Python: apt-get install python3 python3-venv, dnf install python3.12, brew install python"
    echo "  - name one that is elsewhere: make PYTHON=/path/to/python3"
} >&2
exit 1

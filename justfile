# Short names for what we do often. `just` alone lists them.

_list:
    @just --list --unsorted

# Everything running, with a sample shop
demo *words:
    python3 run.py demo {{ words }}

# Every check, and the tests on both databases
test *words:
    python3 run.py test {{ words }}

# The tests alone, stopping at the first that fails
quick *words:
    .venv/bin/python -m pytest -x {{ words }}

# Put the code into the one shape, and mend what can be mended
tidy:
    .venv/bin/ruff format .
    .venv/bin/ruff check --fix .

# Types and imports
types:
    .venv/bin/mypy
    .venv/bin/lint-imports

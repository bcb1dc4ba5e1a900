"""Which files are ours, for the facts that hold of every one of them?"""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHIPPED = ("statuspage", "checks", "notifications")
WRITTEN = (*SHIPPED, "tests", "benchmarks")


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below these folders, or below all that hold code of ours."""
    return sorted(path for folder in folders or WRITTEN for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    """Return the path as a person would say it: from the checkout on."""
    return str(path.relative_to(ROOT))


def docstring(path: Path) -> str:
    """Return a module's docstring, or nothing."""
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""

"""How does a file become settings?

Read, put in what comes from elsewhere, lay the environment over it, let every kind and
model judge its part, then see whether the parts fit. All mistakes are told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from statuspage.settings.assembly import assemble
from statuspage.settings.coherence import incoherent
from statuspage.settings.document import parse, read
from statuspage.settings.environment import Overrides, overrides
from statuspage.settings.mistakes import Finding, KeyPath, Mistake, Mistakes, spell_path
from statuspage.settings.references import References
from statuspage.settings.report import findings
from statuspage.settings.whole import Settings


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of a file; None: what ``AVVISO_CONFIG`` names, else ``./avviso.toml``.

    Raises ``Mistakes`` with everything that is wrong.
    """
    file = path or Path(environ.get("AVVISO_CONFIG") or "avviso.toml")
    return loads(read(file), environ, file)


def loads(text: str, environ: Mapping[str, str], file: Path = Path("avviso.toml")) -> Settings:
    """As ``load``, with the file's text at hand; relative paths start beside ``file``."""
    folder = file.absolute().parent
    references = References(environ, folder)
    document = references.resolve(parse(text, file))
    over = overrides(Settings, environ)
    over.lay_over(document)
    found = list(references.findings)
    settings = _judge(document, folder, frozenset(references.hidden | set(over.names)), found)
    mistakes = [*over.mistakes, *_placed(found, file, over)]
    if settings is None or mistakes:
        raise Mistakes(mistakes)
    return settings


def _judge(
    document: dict[str, Any], folder: Path, hidden: frozenset[KeyPath], found: list[Finding]
) -> Settings | None:
    whole, refused = assemble(document, hidden)
    found += refused
    # A table that is not there would not be validated, and its relative paths would start in
    # the folder that the program was started in.
    whole = {"database": {}, **whole}
    try:
        return Settings.model_validate(
            whole, context={"folder": folder, "language": _language(document)}
        )
    except ValidationError as error:
        found += findings(error, Settings, whole, hidden=hidden)
        return None
    finally:
        found += incoherent(whole)


def _language(document: Mapping[str, Any]) -> str:
    """The site's first language, which texts without one are in."""
    site = document.get("site")
    languages = site.get("languages") if isinstance(site, dict) else None
    first = languages[0] if isinstance(languages, list) and languages else None
    return first if isinstance(first, str) else "en"


def _placed(found: Iterable[Finding], file: Path, over: Overrides) -> Iterator[Mistake]:
    """The first finding at each place, with the file or the variable where it was made."""
    told: set[KeyPath] = set()
    for finding in found:
        if finding.path in told:
            continue
        told.add(finding.path)
        name = over.names.get(finding.path)
        where = ("environment", name) if name else (str(file), spell_path(finding.path))
        yield Mistake(*where, finding.what, finding.allowed)

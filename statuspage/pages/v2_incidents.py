"""What do programs read of incidents?

As the field's convention has them: updates newest first, full component objects, the reader's
own language where it was spoken.
"""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.pages.card import title
from statuspage.pages.line import line_of
from statuspage.pages.postmortem import in_lines
from statuspage.pages.prose import paragraphs
from statuspage.pages.reader import Reader, plain
from statuspage.pages.v2_rows import Row, instant, or_null, page_id
from statuspage.rules.board import IncidentView, StatusChange, UpdateView
from statuspage.rules.short_ids import short_id
from statuspage.vocabulary import Phase


def incident_row(incident: IncidentView, parts: Mapping[str, Row], reader: Reader) -> Row:
    """``parts``: component id -> its row, at least of those that it names."""
    return {
        "id": incident.id,
        "name": title(incident, reader).striptags(),
        "status": incident.status,
        "created_at": instant(incident.created_at),
        "updated_at": instant(incident.updated_at),
        "monitoring_at": or_null(incident.monitoring_at),
        "resolved_at": or_null(incident.resolved_at),
        "impact": incident.impact,
        "shortlink": f"{reader.site.url}/incidents/{incident.id}",
        "started_at": instant(incident.started_at),
        "page_id": page_id(reader.site),
        "incident_updates": [
            _update(update, incident, parts, reader)
            for update in sorted(incident.updates, key=lambda one: one.n, reverse=True)
        ],
        "components": [parts[one.id] for one in incident.components if one.id in parts],
    }


def _update(
    update: UpdateView, incident: IncidentView, parts: Mapping[str, Row], reader: Reader
) -> Row:
    at, corrected = instant(update.at), update.words and update.words.corrected_at
    return {
        "id": short_id("update", incident.id, update.n),
        "status": update.phase,
        "body": _body(update, incident, reader),
        "incident_id": incident.id,
        "created_at": at,
        "updated_at": instant(corrected) if corrected else at,
        "display_at": at,
        "affected_components": [_change(one, parts) for one in update.changes] or None,
        "deliver_notifications": update.mailed,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _body(update: UpdateView, incident: IncidentView, reader: Reader) -> str:
    if update.words is None or update.erased:
        return line_of(update, incident, reader).body.striptags()
    told = [text for text in update.words.read_in(reader.code)[:3] if text]
    blocks = [block for text in told for block in paragraphs(text)]
    if update.phase is Phase.POSTMORTEM:
        blocks += in_lines(incident, reader)
    return "\n\n".join(blocks)


def _change(change: StatusChange, parts: Mapping[str, Row]) -> Row:
    known = parts.get(change.component_id)
    return {
        "code": known["id"] if known else short_id("component", change.component_id),
        "name": plain(change.name),
        "old_status": change.old,
        "new_status": change.new,
    }


def named_by(incident: IncidentView) -> set[str]:
    """The components that it names anywhere."""
    changed = {change.component_id for update in incident.updates for change in update.changes}
    return changed | {part.id for part in incident.components}

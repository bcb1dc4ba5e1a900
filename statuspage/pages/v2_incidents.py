"""What do programs read of incidents?

As the field's convention has them: updates newest first, full component objects, the reader's
own language where it was spoken.
"""

from __future__ import annotations

from statuspage.pages.card import title
from statuspage.pages.line import line_of
from statuspage.pages.postmortem import in_lines
from statuspage.pages.prose import paragraphs
from statuspage.pages.reader import Reader, plain
from statuspage.pages.v2_rows import Row, component_row, instant, or_null, page_id
from statuspage.rules.board import Board, IncidentView, StatusChange, UpdateView
from statuspage.rules.short_ids import short_id
from statuspage.vocabulary import Phase


def incident_row(incident: IncidentView, board: Board, reader: Reader) -> Row:
    affected = (board.component(part.id) for part in incident.components)
    return {
        "id": incident.id,
        "name": title(incident, reader).striptags(),
        "status": incident.status,
        "created_at": instant(incident.created_at),
        "updated_at": instant(incident.updated_at),
        "monitoring_at": or_null(incident.monitoring_at),
        "resolved_at": or_null(incident.resolved_at),
        "impact": incident.impact,
        "shortlink": f"{board.site.url}/incidents/{incident.id}",
        "started_at": instant(incident.started_at),
        "page_id": page_id(board),
        "incident_updates": [
            _update(update, incident, board, reader)
            for update in sorted(incident.updates, key=lambda one: one.n, reverse=True)
        ],
        "components": [component_row(one, board) for one in affected if one],
    }


def _update(update: UpdateView, incident: IncidentView, board: Board, reader: Reader) -> Row:
    at, corrected = instant(update.at), update.words and update.words.corrected_at
    return {
        "id": short_id("update", incident.id, update.n),
        "status": update.phase,
        "body": _body(update, incident, reader),
        "incident_id": incident.id,
        "created_at": at,
        "updated_at": instant(corrected) if corrected else at,
        "display_at": at,
        "affected_components": [_change(one, board) for one in update.changes] or None,
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


def _change(change: StatusChange, board: Board) -> Row:
    known = board.component(change.component_id)
    return {
        "code": known.code if known else short_id("component", change.component_id),
        "name": plain(change.name),
        "old_status": change.old,
        "new_status": change.new,
    }

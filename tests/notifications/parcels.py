"""Which parcel do the channels carry in these tests?"""

from datetime import UTC, datetime

from notifications.channel import Parcel

PARCEL = Parcel(
    sender="Acme status <status@acme.example>",
    recipient="ada@example.org",
    subject="Shop: cause found",
    text="Però.\n",
    html="<p>Però.</p>",
    message_id="<aaaaaaaaaaaaaaaaaaaaaaaaaa@status.acme.example>",
    references=("<tttttttttttttttttttttttttt@status.acme.example>",),
    unsubscribe_url="https://status.acme.example/unsubscribe/st0pst0pst0pst0pst0ps0",
    sent_at=datetime(2026, 11, 23, 13, 2, tzinfo=UTC),
)

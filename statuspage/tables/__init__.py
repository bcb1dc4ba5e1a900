"""Which rows do we keep? Importing this registers every table with the metadata."""

from statuspage.tables.audit import AuditEntry
from statuspage.tables.checks import Change, Check
from statuspage.tables.components import Component
from statuspage.tables.deliveries import Announcement, Delivery
from statuspage.tables.history import Figures, Looks
from statuspage.tables.house import House
from statuspage.tables.incidents import Cause, Incident, Promise, Share, Update
from statuspage.tables.limits import Counter
from statuspage.tables.maintenances import Maintenance, Step
from statuspage.tables.operators import Answer, Call, Token
from statuspage.tables.postmortems import CreditCode, Postmortem, PostmortemAction
from statuspage.tables.recipients import Recipient
from statuspage.tables.subscribers import Subscriber, Suppression

__all__ = [
    "Announcement",
    "Answer",
    "AuditEntry",
    "Call",
    "Cause",
    "Change",
    "Check",
    "Component",
    "Counter",
    "CreditCode",
    "Delivery",
    "Figures",
    "House",
    "Incident",
    "Looks",
    "Maintenance",
    "Postmortem",
    "PostmortemAction",
    "Promise",
    "Recipient",
    "Share",
    "Step",
    "Subscriber",
    "Suppression",
    "Token",
    "Update",
]

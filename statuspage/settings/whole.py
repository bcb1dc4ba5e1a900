"""What does the whole configuration say?

One frozen value, handed to whoever needs it; there is no global settings object.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr

from checks.verdict import Policy
from statuspage.settings.components import Check, Component
from statuspage.settings.sections import (
    Checks,
    Database,
    Letters,
    Mail,
    Operators,
    Retention,
    Server,
    Site,
    Table,
)


class Settings(Table):
    site: Site
    server: Server = Server()
    database: Database = Field(default_factory=Database)
    operators: Operators = Operators()
    mail: Mail = Mail()
    letters: Letters = Letters()
    checks: Checks = Checks()
    retention: Retention = Retention()
    components: Annotated[tuple[Component, ...], Field(min_length=1)]

    def component(self, id: str) -> Component | None:
        return next((one for one in self.components if one.id == id), None)

    def interval_of(self, check: Check) -> timedelta:
        return check.interval or self.checks.interval

    def timeout_of(self, check: Check) -> timedelta:
        return check.timeout or self.checks.timeout

    def first_after_of(self, component: Component) -> timedelta:
        return component.first_after or self.letters.first_after

    def policy(self, check: Check) -> Policy:
        """How this check's results become a verdict."""
        told = self.checks
        return Policy(
            interval=self.interval_of(check),
            confirm_failures=told.confirm_failures,
            confirm_recoveries=told.confirm_recoveries,
            confirm_interval=told.confirm_interval,
            flap_changes=told.flap_changes,
            flap_within=told.flap_within,
            flap_steady=told.flap_steady,
        )

    @property
    def operators_relay(self) -> SecretStr:
        """The relay for operators' mail: their own, else the customers'; empty: none."""
        return self.operators.mail_server or self.mail.server

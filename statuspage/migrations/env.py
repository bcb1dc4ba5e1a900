"""Where does Alembic find the connection and the tables? It is handed both by ``migrate``."""

from alembic import context
from sqlmodel import SQLModel

import statuspage.tables  # noqa: F401  registers every table with the metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    # SQLite can't alter a table in place: batch mode copies it
    render_as_batch=connection.dialect.name == "sqlite",
    # both engines: a failed migration leaves nothing behind (ours is one outer transaction)
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

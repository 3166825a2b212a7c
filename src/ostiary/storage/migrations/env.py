"""How Alembic runs our migrations: on the connection that `upgrade` hands over, inside its transaction."""

from alembic import context

from ostiary.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=False,  # the transaction is ours
    render_as_batch=True,
)
context.run_migrations()

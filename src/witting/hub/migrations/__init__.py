"""Alembic migrations of the hub's tables; run by `witting.hub.database.migrate`, never by hand."""

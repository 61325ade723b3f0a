"""Simulations that are kept with their procedure."""

import sqlalchemy as sa
from alembic import op

revision = "0023_simulations"
down_revision = "0022_mails_by_sender"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "simulations",
        sa.Column("id", ID, nullable=False),
        sa.Column("procedure_id", ID, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(length=255), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedures.id"], name="fk_simulations_procedure_id"),
        sa.PrimaryKeyConstraint("id", name="pk_simulations"),
        sa.UniqueConstraint("procedure_id", "name", name="uq_simulations_procedure_id_name"),
    )

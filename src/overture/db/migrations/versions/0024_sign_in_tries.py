"""Tries to sign in are counted by account and address."""

import sqlalchemy as sa
from alembic import op

revision = "0024_sign_in_tries"
down_revision = "0023_simulations"

MOMENT = sa.BigInteger


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", MOMENT(), nullable=True),
        sa.Column("signed_in_at", MOMENT(), nullable=True),
        sa.Column("updated_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("account", "address", name="pk_sign_in_tries"),
    )
    op.drop_column("sign_ins", "failures")
    op.drop_column("sign_ins", "locked_until")


def downgrade() -> None:
    op.add_column("sign_ins", sa.Column("locked_until", MOMENT(), nullable=True))
    op.add_column("sign_ins", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.drop_table("sign_in_tries")

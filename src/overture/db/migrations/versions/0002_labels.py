"""Corrections of the router, and the heads that it decides with."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "router_heads",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("encoder", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_router_heads"),
    )
    op.create_table(
        "router_labels",
        sa.Column("receipt_id", ID, nullable=False),
        sa.Column("should_be", sa.String(length=16), nullable=False),
        sa.Column("target_id", ID, nullable=True),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name="fk_router_labels_receipt_id"),
        sa.PrimaryKeyConstraint("receipt_id", name="pk_router_labels"),
    )


def downgrade() -> None:
    op.drop_table("router_labels")
    op.drop_table("router_heads")

"""Collections of articles, imports that the console started, and finding the questions that nothing fitted."""

import sqlalchemy as sa
from alembic import op

revision = "0016_help"
down_revision = "0015_email"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.BigInteger


def upgrade() -> None:
    op.add_column("articles", sa.Column("collection", sa.String(length=255), nullable=True))
    op.create_table(
        "article_imports",
        sa.Column("id", ID, nullable=False),
        sa.Column("place", sa.String(length=512), nullable=False),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("report", JSON, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT(), nullable=False),
        sa.Column("updated_at", MOMENT(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_article_imports"),
    )
    op.create_index("ix_article_imports_created_at", "article_imports", ["created_at"])
    unsure = sa.text("decision = 'unsure'")
    op.create_index(
        "ix_receipts_unsure", "receipts", ["created_at"], sqlite_where=unsure, postgresql_where=unsure
    )


def downgrade() -> None:
    op.drop_index("ix_receipts_unsure", "receipts")
    op.drop_table("article_imports")
    op.drop_column("articles", "collection")

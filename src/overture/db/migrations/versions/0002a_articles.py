"""Articles belong to the import they came with, and say when they changed last."""

import sqlalchemy as sa
from alembic import op

revision = "0002a"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("articles") as articles:
        articles.add_column(sa.Column("origin", sa.String(length=512), nullable=False, server_default=""))
        articles.add_column(sa.Column("url", sa.Text(), nullable=True))
        articles.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        articles.add_column(sa.Column("title_vector", sa.LargeBinary(), nullable=True))
        articles.add_column(sa.Column("encoder_hash", sa.String(length=64), nullable=True))
        articles.drop_constraint("uq_articles_source", type_="unique")
        articles.create_unique_constraint("uq_articles_origin_source", ["origin", "source"])

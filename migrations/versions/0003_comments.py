"""Comments: masked before they are stored, read under a series, counted apart from the answers.

The scores of before go: one analyser had given them to English comments alone, and unmasked. The worker
masks and reads every comment anew. The tallies change their layout, so they are counted again as well.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

TALLIES = ('tally_unit_day', 'tally_unit_month', 'tally_agency_month')


def upgrade() -> None:
    op.create_table('comment_series',
    sa.Column('id', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('begun_at', sa.BigInteger(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('model', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("(kind = 'learned') = (model IS NOT NULL)", name='comment_series_learned_has_model'),
    sa.CheckConstraint("kind IN ('lexicon', 'learned')", name='comment_series_kind_known'),
    sa.CheckConstraint("state IN ('current', 'past', 'declined')", name='comment_series_state_known'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('version', name='comment_series_version')
    )
    with op.batch_alter_table('comment_series', schema=None) as batch_op:
        batch_op.create_index('comment_series_current', ['state'], unique=True, sqlite_where=sa.text("state = 'current'"), postgresql_where=sa.text("state = 'current'"))

    op.drop_index('response_unscored', table_name='response')
    with op.batch_alter_table('response', schema=None) as batch_op:
        batch_op.drop_constraint('sentiment_range', type_='check')
        batch_op.drop_constraint('sentiment_has_version', type_='check')
        batch_op.drop_column('sentiment')
        batch_op.drop_column('sentiment_version')
        batch_op.add_column(sa.Column('masked', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('reading', sa.Text(), nullable=True))
        batch_op.create_check_constraint('masked_has_comment', "(masked IS NULL) OR (comment IS NOT NULL)")
        batch_op.create_check_constraint('read_after_masking', "(reading IS NULL) OR (masked IS NOT NULL)")
    unread = sa.text("comment IS NOT NULL AND reading IS NULL")
    op.create_index('response_unread', 'response', ['agency_id', 'id'], unique=False, sqlite_where=unread, postgresql_where=unread)
    alleged = sa.text("substr(reading, 1, 13) = '{\"allegation\"'")
    op.create_index('response_alleged', 'response', ['day'], unique=False, sqlite_where=alleged, postgresql_where=alleged)
    _count_again()


def downgrade() -> None:
    op.drop_index('response_alleged', table_name='response')
    op.drop_index('response_unread', table_name='response')
    with op.batch_alter_table('response', schema=None) as batch_op:
        batch_op.drop_constraint('read_after_masking', type_='check')
        batch_op.drop_constraint('masked_has_comment', type_='check')
        batch_op.drop_column('reading')
        batch_op.drop_column('masked')
        batch_op.add_column(sa.Column('sentiment', sa.SmallInteger(), nullable=True))
        batch_op.add_column(sa.Column('sentiment_version', sa.Text(), nullable=True))
        batch_op.create_check_constraint('sentiment_has_version', "(sentiment IS NULL) OR (sentiment_version IS NOT NULL)")
        batch_op.create_check_constraint('sentiment_range', "sentiment BETWEEN -1000 AND 1000")
    unscored = sa.text("comment IS NOT NULL AND sentiment_version IS NULL")
    op.create_index('response_unscored', 'response', ['agency_id', 'id'], unique=False, sqlite_where=unscored, postgresql_where=unscored)
    with op.batch_alter_table('comment_series', schema=None) as batch_op:
        batch_op.drop_index('comment_series_current', sqlite_where=sa.text("state = 'current'"), postgresql_where=sa.text("state = 'current'"))
    op.drop_table('comment_series')
    _count_again()


def _count_again() -> None:
    """Drop every tally and mark every cell, for the worker to count by this version's layout."""
    for table in TALLIES:
        op.execute(f"DELETE FROM {table}")
    op.execute("DELETE FROM dirty")
    op.execute(
        "INSERT INTO dirty (id, agency_id, unit_id, day)"
        " SELECT ROW_NUMBER() OVER (ORDER BY agency_id, unit_id, day), agency_id, unit_id, day FROM ("
        "SELECT agency_id, unit_id, day FROM response UNION SELECT agency_id, unit_id, day FROM service_transaction"
        ") AS cells"
    )

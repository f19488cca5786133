"""registers"""

import sqlalchemy as sa
from alembic import op

from workflows.database import Instant

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('demo_growth',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seed', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('size', sa.Text(), nullable=False),
    sa.Column('begins_at', Instant(), nullable=False),
    sa.Column('until', Instant(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('is_done', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demo_growth')),
    sqlite_autoincrement=True
    )


def downgrade() -> None:
    op.drop_table('demo_growth')

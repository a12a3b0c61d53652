"""Who is in which room, as what, and how far they have read."""

from tortoise import Model, fields

from sampark.models.room import Room
from sampark.models.user import User

CREATOR = "creator"
MEMBER = "member"


class Membership(Model):
    id = fields.BigIntField(primary_key=True)
    room: fields.ForeignKeyRelation[Room] = fields.ForeignKeyField("models.Room", "memberships")
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", "memberships", db_index=True)
    role = fields.CharField(10, default=MEMBER)
    joined_at = fields.DatetimeField(auto_now_add=True)
    read_seq = fields.BigIntField(default=0)
    unread_from = fields.BigIntField(null=True)
    """The first message that was new to them when they came to the room this time; kept while they are there."""
    is_muted = fields.BooleanField(default=False, db_default=False)
    """No sound, no badge and no notification for this person when something is said there."""

    class Meta:
        table = "memberships"
        unique_together = (("room", "user"),)

"""A room, and the two counters that order everything in it."""

from tortoise import Model, fields

from sampark.models.user import User


class Room(Model):
    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(12, unique=True)
    """The room's ID as people know it: 12 characters of `text.room_ids.ALPHABET`."""
    name = fields.CharField(100)
    description = fields.CharField(2000, default="")
    created_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", "created_rooms", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    is_global = fields.BooleanField(default=False)
    """Every account is a member, and it cannot be left or deleted."""
    version = fields.BigIntField(default=0)
    """Raised by one by each durable change, as the first statement of its transaction."""
    last_seq = fields.BigIntField(default=0)
    """The newest message's number."""
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "rooms"

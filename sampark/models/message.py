"""A message, or what is left of a deleted one: an empty row that tells a returning reader to take it away."""

from tortoise import Model, fields

from sampark.models.room import Room
from sampark.models.user import User

TEXT = "text"
GIF = "gif"
VOICE = "voice"
IMAGE = "image"
VIDEO = "video"
FILE = "file"
SYSTEM = "system"


class Message(Model):
    id = fields.BigIntField(primary_key=True)
    room: fields.ForeignKeyRelation[Room] = fields.ForeignKeyField("models.Room", "messages")
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", "messages", db_index=True)
    seq = fields.BigIntField()
    """Its number in its room: 1, 2, 3, … without gaps."""
    version = fields.BigIntField()
    """The room's version when it last changed."""
    posted_version = fields.BigIntField()
    """The room's version when it was posted: a reader beyond it has seen the message, one before it has not."""
    message_type = fields.CharField(10, default=TEXT)
    content = fields.TextField()
    """What was typed; for a system message what happened (`joined`, `left`)."""
    html = fields.TextField()
    """`content` made safe, once, when it was posted."""
    file_name = fields.CharField(255, null=True)
    attachments = fields.TextField(null=True)
    """JSON: what its files, voice or GIF look like (`chat.attachments`), so that showing it reads nothing else."""
    client_key = fields.CharField(64, null=True)
    """Made by the page; the same key again is the same message."""
    timestamp = fields.DatetimeField(auto_now_add=True, db_index=True)
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "messages"
        unique_together = (("room", "seq"), ("room", "user", "client_key"))
        indexes = (("room", "version"),)

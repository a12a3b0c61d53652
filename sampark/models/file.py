"""Files: the bytes that are kept, once each, and who sent them where under which name."""

from tortoise import Model, fields

from sampark.models.user import User

KEPT = "kept"
DYING = "dying"
"""Its bytes are being removed. Whoever wants to keep the same ones again waits for that."""

PICTURE = "picture"
"""The `family` of a person's picture; the others are those of `files.kinds`."""


class Blob(Model):
    """Some bytes in the storage, and what was made of them."""

    key = fields.CharField(64, primary_key=True)
    """The SHA-256 of the bytes in hex, as the storage names them."""
    state = fields.CharField(8, default=KEPT)
    made = fields.CharField(100, default="")
    """The suffixes of the pictures that were made of it (`small large:avif`, WebP otherwise), each a blob of its own."""
    created_at = fields.DatetimeField(auto_now_add=True)
    """When it was last wanted."""

    class Meta:
        table = "blobs"


class File(Model):
    """A file that somebody sent. Without a message it is on its way to one, or a person's picture."""

    id = fields.BigIntField(primary_key=True)
    public_id = fields.CharField(22, unique=True)
    """What its address holds: nothing about it can be guessed."""
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", "files", db_index=True)
    room_id = fields.BigIntField(null=True, db_index=True)
    message_id = fields.BigIntField(null=True, db_index=True)
    blob_key = fields.CharField(64, db_index=True)
    name = fields.CharField(255)
    media_type = fields.CharField(100)
    family = fields.CharField(10)
    size = fields.BigIntField()
    """Bytes."""
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "files"

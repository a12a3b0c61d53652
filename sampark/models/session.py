"""One signed-in browser. The cookie holds the token; here is only its hash, so that a stolen table opens nothing."""

from tortoise import Model, fields

from sampark.models.embed import Embed, EmbedKey, EmbedOrigin
from sampark.models.user import User


class Session(Model):
    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(64, unique=True)
    """SHA-256 of the token, in hex."""
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", "sessions", db_index=True)
    embed: fields.ForeignKeyNullableRelation[Embed] = fields.ForeignKeyField(
        "models.Embed", "sessions", null=True, db_index=True
    )
    """Only good in this room's frame; none: the app's own. What it came through ends it by ceasing to be."""
    embed_origin: fields.ForeignKeyNullableRelation[EmbedOrigin] = fields.ForeignKeyField(
        "models.EmbedOrigin", "sessions", null=True, db_index=True
    )
    embed_key: fields.ForeignKeyNullableRelation[EmbedKey] = fields.ForeignKeyField(
        "models.EmbedKey", "sessions", null=True, db_index=True
    )
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField()
    agent = fields.CharField(200, default="")
    """What the browser calls itself, so that its owner recognises it in the list."""

    class Meta:
        table = "sessions"

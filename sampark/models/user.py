"""A person with an account."""

from tortoise import Model, fields


class User(Model):
    id = fields.BigIntField(primary_key=True)
    username = fields.CharField(80)
    username_key = fields.CharField(160, unique=True)
    """The name as compared: without case and without look-alike letters (`text.names.key`)."""
    email = fields.CharField(120)
    email_key = fields.CharField(240, unique=True)
    password_hash = fields.CharField(200)
    display_name = fields.CharField(100)
    profile_picture = fields.CharField(255, null=True)
    is_admin = fields.BooleanField(default=False)
    is_online = fields.BooleanField(default=False)
    """What presence last knew, written lazily; who is online now is asked of presence itself."""
    last_seen = fields.DatetimeField(null=True)
    theme = fields.CharField(10, default="system")
    language = fields.CharField(10, null=True)
    sounds = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "users"

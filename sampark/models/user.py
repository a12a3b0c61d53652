"""A person: with an account, or one who came through a room that stands in another site's page."""

from tortoise import Model, fields

PERSON = "person"
GUEST = "guest"
"""Came with a nickname through another site's page."""
VOUCHED = "vouched"
"""Signed in by the site whose page it was."""


class User(Model):
    id = fields.BigIntField(primary_key=True)
    username = fields.CharField(80)
    kind = fields.CharField(8, default=PERSON, db_default=PERSON)
    """Guests and vouched people have no account: names and addresses that nobody can type, and no password that matches."""
    site = fields.CharField(300, default="", db_default="")
    """Where they came from, as it is shown beside their name."""
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

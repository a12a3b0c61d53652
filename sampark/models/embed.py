"""A room in other sites' pages: which sites, what may be done there, who vouches for whom."""

from tortoise import Model, fields

from sampark.models.room import Room
from sampark.models.user import User

READ, GUESTS, SITE = "read", "guests", "vouched"
LEVELS = (READ, GUESTS, SITE)
"""Open to reading; the same, and whoever gives a nickname writes; nobody sees anything but whom the site vouches for."""
OPEN = (READ, GUESTS)

WAITING, IN, MUTED, BANNED = "waiting", "in", "muted", "banned"
STATES = (WAITING, IN, MUTED, BANNED)


class Embed(Model):
    """One a room; what holds for all its frames."""

    id = fields.BigIntField(primary_key=True)
    room: fields.OneToOneRelation[Room] = fields.OneToOneField("models.Room", "embed")
    is_on = fields.BooleanField(default=False)
    level = fields.CharField(8, default=READ)
    needs_approval = fields.BooleanField(default=False)
    """A guest waits until the creator has let them in."""
    theme = fields.CharField(8, default="system")
    accent = fields.CharField(7, default="")
    """`#rrggbb`, or nothing: our own."""
    epoch = fields.BigIntField(default=0)
    """Raised by each revocation: who reads without having said whose page it is must ask anew."""
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "embeds"


class EmbedOrigin(Model):
    id = fields.BigIntField(primary_key=True)
    embed: fields.ForeignKeyRelation[Embed] = fields.ForeignKeyField("models.Embed", "origins")
    origin = fields.CharField(300)
    """Scheme, host and port, as `text.origins.read` gives it."""
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "embed_origins"
        unique_together = (("embed", "origin"),)


class EmbedKey(Model):
    """What a site signs with. Two at most, so that one can take the other's place without a gap."""

    id = fields.BigIntField(primary_key=True)
    embed: fields.ForeignKeyRelation[Embed] = fields.ForeignKeyField("models.Embed", "keys", db_index=True)
    kid = fields.CharField(32, unique=True)
    algorithm = fields.CharField(8)
    """`HS256` or `EdDSA`; a token says nothing about it that is believed."""
    material = fields.TextField()
    """HS256: the shared secret. EdDSA: the public key, PEM or JWK."""
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "embed_keys"


class EmbedGuest(Model):
    """Somebody without an account in one embedded room. Outlives their membership, so that who was banned stays so."""

    id = fields.BigIntField(primary_key=True)
    embed: fields.ForeignKeyRelation[Embed] = fields.ForeignKeyField("models.Embed", "guests")
    user: fields.OneToOneRelation[User] = fields.OneToOneField("models.User", "guesthood")
    subject = fields.CharField(64, null=True)
    """For vouched people a hash of the site and its name for them, so that the same person comes back as the same."""
    state = fields.CharField(8, default=IN)
    address_hash = fields.CharField(32, null=True, db_index=True)
    """Keyed, so that it says nothing by itself; for a day, so that who was banned does not simply forget their cookie."""
    seen_at = fields.DatetimeField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "embed_guests"
        unique_together = (("embed", "subject"),)


class UsedToken(Model):
    """A signed token that was used: inserting it is the check."""

    id = fields.BigIntField(primary_key=True)
    embed: fields.ForeignKeyRelation[Embed] = fields.ForeignKeyField("models.Embed", "used_tokens")
    jti_hash = fields.CharField(64)
    """SHA-256 in hex."""
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "used_tokens"
        unique_together = (("embed", "jti_hash"),)

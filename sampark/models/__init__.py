"""What is stored, one noun a file."""

from sampark.models.embed import Embed, EmbedGuest, EmbedKey, EmbedOrigin, UsedToken
from sampark.models.file import Blob, File
from sampark.models.membership import Membership
from sampark.models.message import Message
from sampark.models.room import Room
from sampark.models.session import Session
from sampark.models.user import User

__all__ = [
    "Blob",
    "Embed",
    "EmbedGuest",
    "EmbedKey",
    "EmbedOrigin",
    "File",
    "Membership",
    "Message",
    "Room",
    "Session",
    "UsedToken",
    "User",
]

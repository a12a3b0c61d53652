"""What is stored, one noun a file."""

from sampark.models.file import Blob, File
from sampark.models.membership import Membership
from sampark.models.message import Message
from sampark.models.room import Room
from sampark.models.session import Session
from sampark.models.user import User

__all__ = ["Blob", "File", "Membership", "Message", "Room", "Session", "User"]

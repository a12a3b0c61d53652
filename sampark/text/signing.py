"""Keys with which a site signs who somebody is: a secret that both know (HS256), or the public half of the site's own key (EdDSA)."""

import json
import secrets

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from jwt.algorithms import OKPAlgorithm

from sampark.text.language import N_
from sampark.text.problems import Invalid

HS256, EDDSA = "HS256", "EdDSA"
_LONGEST = 2_000


def new_kid() -> str:
    """A public name for a key, which a token may give as `kid`."""
    return secrets.token_hex(6)


def new_secret() -> str:
    """A fresh shared secret: 256 bits, which is what HS256 wants at least (RFC 7518, section 3.2)."""
    return secrets.token_urlsafe(32)


def read_public_key(typed: str, field: str = "material") -> str:
    """An Ed25519 public key, pasted as PEM or JWK, as PEM. Errors: `Invalid`, with a word of warning for a private one."""
    text = typed.strip()
    if "PRIVATE KEY" in text or (text.startswith("{") and '"d"' in text):
        raise Invalid(
            N_(
                "This is the private half of the key, which must never leave your server. Paste the public half; best make a new pair."
            ),
            field,
        )
    try:
        key = _from_jwk(text) if text.startswith("{") else load_pem_public_key(text[:_LONGEST].encode())
    except (ValueError, TypeError, AttributeError, RecursionError, UnsupportedAlgorithm, jwt.InvalidKeyError):
        key = None
    if not isinstance(key, Ed25519PublicKey) or len(text) > _LONGEST:
        raise Invalid(
            N_(
                'This is not an Ed25519 public key. It begins with -----BEGIN PUBLIC KEY-----, or is a JWK with "crv": "Ed25519".'
            ),
            field,
        )
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _from_jwk(text: str) -> object:
    return OKPAlgorithm.from_jwk(json.loads(text[:_LONGEST]))

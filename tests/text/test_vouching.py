"""Tokens with which a site vouches: the right one counts, and each way of forging one is refused with a sentence."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sampark.text import signing, vouching
from sampark.text.problems import Invalid
from sampark.text.vouching import Claims, Key, Refused

NOW = 1_795_000_000
CHAT, SITE, ROOM = "https://chat.example.org", "https://school.example", "k3f9x2mq7hpt"
# The same in each process: cases are called by what they hold.
SECRET = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
SHARED = Key("a1", signing.HS256, SECRET)
PUBLIC = Key("b2", signing.EDDSA, PEM)
GOOD: dict[str, Any] = {
    "iss": SITE,
    "aud": CHAT,
    "sub": "pupil-17",
    "name": "Asha Verma",
    "room": ROOM,
    "iat": NOW,
    "exp": NOW + 120,
    "jti": "8b0c",
}


def signed(claims: dict[str, Any] | None = None, *, kid: str | None = None, key: Key = SHARED, **changed: Any) -> str:
    said = {name: value for name, value in {**GOOD, **(claims or {}), **changed}.items() if value is not ...}
    secret: Any = SECRET if key is SHARED else PRIVATE
    return by_hand({"typ": "JWT", "alg": key.algorithm} | ({"kid": kid} if kid else {}), said, secret)


def by_hand(header: object, said: object, secret: Any) -> str:
    """Signed as a site would that minds no library's objections."""
    parts = [packed(json.dumps(part).encode()) for part in (header, said)]
    body = ".".join(parts)
    if isinstance(secret, Ed25519PrivateKey):
        signature = secret.sign(body.encode())
    else:
        signature = hmac.new(
            secret.encode() if isinstance(secret, str) else secret, body.encode(), hashlib.sha256
        ).digest()
    return f"{body}.{packed(signature)}"


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def verify(token: str, *keys: Key, now: float = NOW, room: str = ROOM) -> Claims:
    return vouching.verify(token, keys or (SHARED, PUBLIC), CHAT, room, now, {SITE, "https://other.example"})


def refusal(token: str, *keys: Key, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        verify(token, *keys, **more)
    return str(refused.value)


@pytest.mark.parametrize("key", [SHARED, PUBLIC], ids=["HS256", "EdDSA"])
@pytest.mark.parametrize("names_it", [True, False])
def test_a_right_token_says_who_somebody_is(key: Key, names_it: bool) -> None:
    claims = verify(signed(key=key, kid=key.kid if names_it else None))
    assert claims == Claims(SITE, "pupil-17", "Asha Verma", "8b0c", key.kid, NOW + 150)


def test_what_libraries_make_counts() -> None:
    claims = {**GOOD, "aud": [CHAT, "https://elsewhere.example"], "iat": NOW + 0.25, "nbf": NOW}
    assert verify(jwt.encode(claims, SECRET, "HS256")).subject == "pupil-17"
    assert verify(jwt.encode(claims, PRIVATE, "EdDSA", headers={"kid": "b2"})).kid == "b2"


def test_both_of_two_keys_count_while_they_are_changed() -> None:
    newer = Key("c3", signing.HS256, signing.new_secret())
    assert verify(signed(), newer, SHARED).kid == "a1"
    assert verify(by_hand({"alg": "HS256"}, GOOD, newer.material), newer, SHARED).kid == "c3"
    assert "does not fit" in refusal(by_hand({"alg": "HS256", "kid": "a1"}, GOOD, newer.material), newer, SHARED)


def test_the_room_may_be_written_as_people_write_it() -> None:
    assert verify(signed(room="K3F9-x2mq-7hpt")).subject == "pupil-17"


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "nOnE", "", None, "HS384", "HS512", "RS256", "ES256", ["HS256"], {}, 5]
)
def test_no_other_algorithm_counts(alg: object) -> None:
    body = f"{packed(json.dumps({'alg': alg}).encode())}.{packed(json.dumps(GOOD).encode())}"
    assert "“alg” has to be HS256 or EdDSA" in refusal(f"{body}.")
    assert "“alg” has to be HS256 or EdDSA" in refusal(by_hand({"alg": alg}, GOOD, SECRET))


def test_an_unsigned_token_is_none() -> None:
    body = signed().rpartition(".")[0]
    assert "does not fit" in refusal(f"{body}.")
    assert "no token" in refusal(body)


@pytest.mark.parametrize("secret", [PEM, PEM.strip(), PEM.encode(), b"", PRIVATE.public_key().public_bytes_raw()])
@pytest.mark.parametrize("kid", [None, "b2"])
def test_a_public_key_is_no_secret(secret: str | bytes, kid: str | None) -> None:
    header = {"alg": "HS256"} | ({"kid": kid} if kid else {})
    assert "“alg” has to be EdDSA" in refusal(by_hand(header, GOOD, secret), PUBLIC)
    assert refusal(by_hand(header, GOOD, secret))


def test_a_secret_is_no_public_key() -> None:
    assert "“alg” has to be HS256" in refusal(signed(key=PUBLIC), SHARED)
    assert "“alg” has to be HS256" in refusal(signed(key=PUBLIC, kid="a1"))


def test_the_key_is_the_rooms_own_never_the_tokens() -> None:
    mine = Ed25519PrivateKey.generate()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": packed(mine.public_key().public_bytes_raw())}
    for more in ({"jwk": jwk}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example/"}, {"kid": "b2"}):
        assert "does not fit" in refusal(by_hand({"alg": "EdDSA", **more}, GOOD, mine))


@pytest.mark.parametrize("kid", ["nobody", "../../dev/null", "' OR 1=1", ""])
def test_a_key_that_is_not_there(kid: str) -> None:
    assert "no key of that name" in refusal(by_hand({"alg": "HS256", "kid": kid}, GOOD, SECRET))


def test_without_keys_nothing_counts() -> None:
    with pytest.raises(Refused, match="no key"):
        vouching.verify(signed(), [], CHAT, ROOM, NOW, {SITE})


@pytest.mark.parametrize("claim", ["sub", "name", "room", "aud", "iss", "jti", "exp"])
@pytest.mark.parametrize("key", [SHARED, PUBLIC], ids=["HS256", "EdDSA"])
def test_an_altered_token_is_refused(claim: str, key: Key) -> None:
    header, _, signature = signed(key=key).split(".")
    value = NOW + 299 if claim == "exp" else "x"
    forged = packed(json.dumps({**GOOD, claim: value}).encode())
    assert "does not fit" in refusal(f"{header}.{forged}.{signature}")


def test_a_signature_of_another_is_refused() -> None:
    assert "does not fit" in refusal(by_hand({"alg": "HS256"}, GOOD, signing.new_secret()))
    assert "does not fit" in refusal(by_hand({"alg": "EdDSA"}, GOOD, Ed25519PrivateKey.generate()))
    header, body, signature = signed().split(".")
    for broken in (signature[:-4], signature[4:], signature[::-1], packed(bytes(32)), packed(bytes(64)), signature * 2):
        assert refusal(f"{header}.{body}.{broken}")


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "name", "room", "iat", "exp", "jti"])
def test_each_claim_has_to_be_there(claim: str) -> None:
    for nothing in (..., None, ""):
        assert f"lacks “{claim}”" in refusal(signed({claim: nothing}))
    for nonsense in ([], {}, True, [[]], 0, 10**300, "\ud800", "\x00"):
        assert claim in refusal(signed({claim: nonsense})) or nonsense == 0


@pytest.mark.parametrize(
    "wanted",
    [
        "https://other.example",
        "https://chat.example.org/",
        "http://chat.example.org",
        "https://chat.example.org.evil.example",
        ["x"],
        {"a": CHAT},
    ],
)
def test_a_token_for_another_instance_is_refused(wanted: object) -> None:
    assert refusal(signed(aud=wanted)) == f"“aud” has to be the origin of this chat: {CHAT}"


@pytest.mark.parametrize(
    "site", ["https://evil.example", "https://school.example/", "school.example", "null", "*", [SITE], 5]
)
def test_a_site_that_is_not_listed_is_refused(site: object) -> None:
    assert "list of sites" in refusal(signed(iss=site))


@pytest.mark.parametrize("room", ["k3f9x2mq7hpz", "*", "", 5, [ROOM], "/rooms/"])
def test_a_token_for_another_room_is_refused(room: object) -> None:
    assert "room" in refusal(signed(room=room))
    assert "good for one room only" in refusal(signed(), room="222222222222")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"iat": NOW - 300, "exp": NOW - 31}, "expired 31 seconds ago"),
        ({"iat": NOW - 300, "exp": NOW - 30}, "expired 30 seconds ago"),
        ({"iat": NOW + 31, "exp": NOW + 60}, "made in the future, by its “iat”: 31 seconds"),
        ({"iat": NOW + 10**9, "exp": NOW + 10**9 + 60}, "made in the future"),
        ({"exp": NOW + 301}, "by 300 seconds at most"),
        ({"iat": NOW - 200, "exp": NOW + 101}, "by 300 seconds at most"),
        ({"exp": NOW}, "after “iat”"),
        ({"exp": NOW - 1}, "after “iat”"),
        ({"exp": 10**300}, "“exp” has to be a number"),
        ({"exp": -1}, "“exp” has to be a number"),
        ({"iat": 0}, "by 300 seconds at most"),
        ({"exp": str(NOW + 60)}, "“exp” has to be a number"),
        ({"iat": str(NOW)}, "“iat” has to be a number"),
        ({"iat": NOW * 1000, "exp": NOW * 1000 + 60}, "not milliseconds"),
        ({"iat": True}, "“iat” has to be a number"),
        ({"exp": float("nan")}, "“exp” has to be a number"),
        ({"exp": float("inf")}, "“exp” has to be a number"),
        ({"nbf": NOW + 31}, "not valid yet"),
        ({"nbf": "soon"}, "“nbf” has to be a number"),
        ({"nbf": None}, "“nbf” has to be a number"),
    ],
)
def test_times_are_kept(changed: dict[str, Any], says: str) -> None:
    assert says in refusal(signed(changed))


@pytest.mark.parametrize(
    "changed", [{"iat": NOW - 300, "exp": NOW - 29}, {"iat": NOW + 30, "exp": NOW + 330}, {"exp": NOW + 300}]
)
def test_clocks_may_differ_a_little(changed: dict[str, Any]) -> None:
    assert verify(signed(changed)).forget_after == changed["exp"] + 30


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("sub", "x" * 201),
        ("sub", 17),
        ("sub", "a\nb"),
        ("sub", "a\u202eb"),
        ("jti", "x" * 201),
        ("jti", 17),
        ("jti", "\x00"),
        ("name", "x" * 51),
        ("name", " \u200b "),
        ("name", 17),
        ("name", "\u3164"),
        ("name", "Asha \udfff"),
    ],
)
def test_texts_have_a_measure(claim: str, value: object) -> None:
    assert f"“{claim}” has to be" in refusal(signed({claim: value}))


def test_a_name_is_cleaned_as_every_name_is() -> None:
    assert verify(signed(name="  Asha \u202e\n Verma ")).name == "Asha Verma"
    assert verify(signed(name="<svg onload=alert(1)>")).name == "<svg onload=alert(1)>"
    assert verify(signed(name="क्\u200dष")).name == "क्\u200dष"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "é.b.c",
        "\ud800",
        "e30.e30.e30",
        "x" * 4097,
        f"{packed(b'[' * 2900)}.e30.e30",
        f"{packed(b'null')}.e30.e30",
        f"{packed(b'5')}.e30.e30",
        f"{packed(b'{')}.e30.e30",
        f"{packed(bytes([255]))}.e30.e30",
        by_hand({"alg": "HS256", "kid": 5}, GOOD, SECRET),
        by_hand({"alg": "HS256", "crit": ["exp"], "exp": 1}, GOOD, SECRET),
        by_hand({"alg": "HS256", "b64": False}, GOOD, SECRET),
        by_hand({"alg": "HS256", "b64": False, "crit": ["b64"]}, GOOD, SECRET),
        by_hand({"alg": "HS256"}, [GOOD], SECRET),
        by_hand({"alg": "HS256"}, "words", SECRET),
        by_hand({"alg": "HS256"}, 5, SECRET),
        by_hand({"alg": "HS256"}, {**GOOD, "more": "x" * 4096}, SECRET),
        f" {signed()}",
        f"{signed()} ",
        signed() + ".e30",
    ],
)
def test_what_is_no_token_is_called_that(token: str) -> None:
    said = refusal(token)
    assert "no token" in said or "“alg” has to be" in said or "does not fit" in said


def test_deeply_nested_claims_end_nothing() -> None:
    body = f"{packed(json.dumps({'alg': 'HS256'}).encode())}.{packed(b'[' * 2900)}"
    signature = packed(hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).digest())
    assert "no token" in refusal(f"{body}.{signature}")


def test_no_refusal_repeats_what_the_token_held() -> None:
    secretive = {name: f"Zx{name}" for name in ("iss", "aud", "sub", "name", "room", "jti")}
    for token in (
        signed(secretive),
        signed(secretive, kid="Zxkid"),
        signed({**secretive, "aud": CHAT}),
        signed(sub="Zx" * 101),
    ):
        assert "Zx" not in refusal(token)


def test_public_keys_are_read_as_they_are_pasted() -> None:
    x = packed(PRIVATE.public_key().public_bytes_raw())
    assert signing.read_public_key(f"\r\n {PEM.replace(chr(10), chr(13) + chr(10))} ") == PEM
    assert (
        signing.read_public_key(json.dumps({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "a", "use": "sig"})) == PEM
    )


RSA = generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hello",
        PEM[:60],
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "{}",
        "{",
        '{"kty": "OKP"}',
        '{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}',
        '{"kty": "OKP", "crv": "Ed25519", "x": 5}',
        '{"kty": "OKP", "crv": "X25519", "x": "' + "A" * 43 + '"}',
        '{"kty": "oct", "k": "AAAA"}',
        "{" * 1999,
        '{"a":' * 390,
        "[" * 1999,
        PEM + "x" * 2000,
        PEM.replace("-----BEGIN", "\ud800-----BEGIN"),
    ],
)
def test_what_is_no_public_key_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="not an Ed25519 public key"):
        signing.read_public_key(typed)


def test_a_private_key_is_refused_with_a_warning() -> None:
    pem = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for typed in (pem, '{"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "d": "AAAA"}'):
        with pytest.raises(Invalid, match="never leave your server"):
            signing.read_public_key(typed)


def test_secrets_are_long_and_new() -> None:
    made = {signing.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(base64.urlsafe_b64decode(secret + "=")) == 32 for secret in made)
    assert len({signing.new_kid() for _ in range(100)}) == 100

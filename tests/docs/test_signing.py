"""The snippets that sign: each one is run, and what it makes is a token that counts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import playwright
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sampark.text import signing, vouching
from sampark.text.vouching import Claims, Key
from tests.docs.snippets import snippets
from tests.machine import go_path, php_path

CHAT, ROOM, SITE = "https://chat.example.org", "k3f9x2mq7hpt", "https://www.example.org"
NODE = str(Path(playwright.__file__).parent / "driver" / "node")
SECRET = signing.new_secret()
PRIVATE = Ed25519PrivateKey.generate()
PRIVATE_PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC_PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
KEYS = [Key("a", "HS256", SECRET), Key("b", "EdDSA", PUBLIC_PEM)]
NAME = "Zoë “आशा” O'Neill"


def counts(token: str) -> Claims:
    return vouching.verify(token.strip(), KEYS, CHAT, ROOM, time.time(), {SITE})


def run(*command: str, cwd: Path, **environ: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environ}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("algorithm", "key"), [("HS256", SECRET), ("EdDSA", PRIVATE_PEM)], ids=["HS256", "EdDSA"])
def test_python(algorithm: str, key: str) -> None:
    [snippet] = snippets("embedding/signing.md", "python")
    made: dict[str, Any] = {}
    exec(compile(snippet, "signing.md", "exec"), made)
    claims = counts(made["chat_token"](key, 42, NAME, algorithm))
    assert (claims.subject, claims.name) == ("42", NAME)
    assert claims.token_id != counts(made["chat_token"](key, 42, NAME, algorithm)).token_id


@pytest.mark.parametrize(("algorithm", "key"), [("HS256", SECRET), ("EdDSA", PRIVATE_PEM)], ids=["HS256", "EdDSA"])
def test_javascript(algorithm: str, key: str, tmp_path: Path) -> None:
    [snippet] = snippets("embedding/signing.md", "js")
    (tmp_path / "chat-token.js").write_text(snippet)
    ask = "const { chatToken } = require('./chat-token'); console.log(chatToken(process.env.KEY, 42, process.env.NAME, process.env.ALG));"
    answer = [run(NODE, "-e", ask, cwd=tmp_path, KEY=key, NAME=NAME, ALG=algorithm) for _ in range(2)]
    claims = counts(answer[0])
    assert (claims.subject, claims.name) == ("42", NAME)
    assert claims.token_id != counts(answer[1]).token_id


def test_php(tmp_path: Path) -> None:
    [snippet] = snippets("embedding/signing.md", "php")
    (tmp_path / "sign.php").write_text(snippet + "echo chat_token(getenv('KEY'), 42, getenv('NAME'));\n")
    claims = counts(run(php_path(), "sign.php", cwd=tmp_path, KEY=SECRET, NAME=NAME))
    assert (claims.subject, claims.name) == ("42", NAME)


@pytest.mark.parametrize("number", [0, 1])
def test_php_of_wordpress_is_php(number: int, tmp_path: Path) -> None:
    """WordPress itself is not here to run it."""
    (tmp_path / "snippet.php").write_text(snippets("embedding/wordpress.md", "php")[number])
    assert "No syntax errors" in run(php_path(), "-l", "snippet.php", cwd=tmp_path)


def test_go(tmp_path: Path) -> None:
    [snippet] = snippets("embedding/signing.md", "go")
    asking = snippet.replace('\t"time"\n', '\t"fmt"\n\t"os"\n\t"time"\n') + (
        'func main() {\n\ttoken, err := chatToken(os.Getenv("KEY"), "42", os.Getenv("NAME"))\n'
        "\tif err != nil {\n\t\tpanic(err)\n\t}\n\tfmt.Println(token)\n}\n"
    )
    (tmp_path / "main.go").write_text(asking)
    claims = counts(run(go_path(), "run", "main.go", cwd=tmp_path, KEY=SECRET, NAME=NAME, HOME=str(tmp_path)))
    assert (claims.subject, claims.name) == ("42", NAME)


DJANGO = """
import django
from django.conf import settings
settings.configure(CHAT_KEY={key!r}, SECRET_KEY="x", ALLOWED_HOSTS=["*"], DEFAULT_CHARSET="utf-8")
django.setup()
import views
from django.test import RequestFactory

class Somebody:
    pk, is_authenticated = 42, True
    def get_full_name(self): return {name!r}

class Nobody:
    is_authenticated = False

request = RequestFactory().get("/chat-token")
request.user = Somebody()
answer = views.chat_token(request)
assert answer.status_code == 200 and answer["Content-Type"] == "application/jwt", answer
assert "no-store" in answer["Cache-Control"], answer["Cache-Control"]
print(answer.content.decode())
request.user = Nobody()
answer = views.chat_token(request)
assert (answer.status_code, answer.content) == (204, b""), answer
posted = RequestFactory().post("/chat-token")
posted.user = Somebody()
assert views.chat_token(posted).status_code == 405
"""


def test_django(tmp_path: Path) -> None:
    [snippet] = snippets("embedding/django.md", "python")
    (tmp_path / "views.py").write_text(snippet)
    (tmp_path / "ask.py").write_text(DJANGO.format(key=SECRET, name=NAME))
    claims = counts(run(sys.executable, "ask.py", cwd=tmp_path))
    assert (claims.subject, claims.name) == ("42", NAME)


EXPRESS = """
// As much of Express as the page of the docs uses.
module.exports = () => {
  const routes = {};
  return { routes, get: (path, act) => { routes[path] = act; } };
};
"""
ASK_EXPRESS = """
const app = require("./app");
function ask(user) {
  const said = { status: 200, headers: {}, body: "" };
  const res = {
    set: (name, value) => { said.headers[name] = value; return res; },
    status: (code) => { said.status = code; return res; },
    type: (kind) => { said.headers["Content-Type"] = kind; return res; },
    send: (body) => { said.body = body; return res; },
    end: () => res,
  };
  app.routes["/chat-token"]({ user }, res);
  if (said.headers["Cache-Control"] !== "no-store") throw new Error("it may be kept");
  return said;
}
if (ask(null).status !== 204 || ask(null).body) throw new Error("nobody has a token");
console.log(ask({ id: 42, name: process.env.NAME }).body);
"""


def test_express(tmp_path: Path) -> None:
    (tmp_path / "chat-token.js").write_text(snippets("embedding/signing.md", "js")[0])
    [snippet] = snippets("embedding/express.md", "js")
    (tmp_path / "app.js").write_text(snippet)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "express.js").write_text(EXPRESS)
    (tmp_path / "ask.js").write_text(ASK_EXPRESS)
    claims = counts(run(NODE, "ask.js", cwd=tmp_path, CHAT_KEY=SECRET, NAME=NAME))
    assert (claims.subject, claims.name) == ("42", NAME)


def test_no_snippet_is_forgotten() -> None:
    """Every block in Python and JavaScript of these pages is run: by the tests above, or by those of `test_snippets`."""
    docs = Path(__file__).resolve().parent.parent.parent / "docs"
    found = {
        path.name: [len(snippets(str(path.relative_to(docs)), language)) for language in ("python", "js")]
        for path in [docs / "embedding.md", *(docs / "embedding").glob("*.md")]
    }
    assert {name: counts_ for name, counts_ in found.items() if any(counts_)} == {
        "signing.md": [1, 1],
        "django.md": [1, 0],
        "express.md": [0, 1],
        "link-and-card.md": [2, 0],
        "fragments.md": [1, 0],
    }

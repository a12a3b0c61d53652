"""Make `sampark/emoji/emoji.tsv` from one pinned package: what each emoji is called in English and Hindi, and its group.

    python -m tools.emoji_data [PACKAGE.tgz]      the package is fetched from the npm registry where no file is given

emojibase-data (MIT) holds the annotations of Unicode CLDR (Unicode-3.0) in the order of Unicode's own charts, with the short
names that GitHub and Slack have made known. The file is read at run time by `sampark/emoji/catalogue.py`.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

PACKAGE = "https://registry.npmjs.org/emojibase-data/-/emojibase-data-17.0.0.tgz"
SHA512 = (
    "62f81be405a81d588757f82ad6aaf96406ab7018a9f81dbbfd92d1b142646e00"
    "0468b959fdfa1ff60f3cd8b4e9984a728413440b49b6484988b658c7b13ca08c"
)
FILE = Path(__file__).resolve().parent.parent / "sampark" / "emoji" / "emoji.tsv"

NEWEST = 15.1
"""The version of Unicode's emoji that the fonts of supported systems draw; newer ones are empty boxes for many."""
COMPONENTS = 2
"""The group of skin tones and hair, which are no emoji of their own."""
SETS = ("github", "iamcal", "emojibase")
"""Where short names come from. For a name that two of them give to two emoji, the first one decides; iamcal's are Slack's."""
TONES = range(0x1F3FB, 0x1F400)
PERSONS = frozenset("\U0001f468\U0001f469\U0001f9d1")

MORE_WORDS = {
    "🙏": ("namaste,thanks,thank you", "नमस्ते,नमस्कार,धन्यवाद,शुक्रिया"),
    "🪔": ("diwali,deepavali", "दिवाली,दीपावली"),
    "🎆": ("diwali", "दिवाली,दीपावली"),
    "🎨": ("holi", "होली"),
    "☕": ("chai", "चाय"),
    "🍵": ("chai", "चाय"),
    "🇮🇳": ("bharat,tiranga", "तिरंगा"),
    "🛺": ("rickshaw,auto", "रिक्शा,ऑटो"),
    "😂": ("haha", "हाहा,हँसी"),
    "👋": ("hello,hi,bye", "नमस्ते,अलविदा"),
}
"""Words that people here would try and CLDR lacks: in Latin letters and in Devanagari."""


class Wrong(Exception):
    """The package is not what this script was written for."""


def main(arguments: list[str]) -> int:
    packed = Path(arguments[0]).read_bytes() if arguments else fetched()
    if hashlib.sha512(packed).hexdigest() != SHA512:
        print("This is another package than the pinned one: its hash differs.", file=sys.stderr)
        return 1
    lines = [*head(), *rows(read(packed))]
    FILE.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    print(f"{FILE.name}: {len(lines) - len(head())} emoji, {FILE.stat().st_size} bytes")
    return 0


def fetched() -> bytes:
    with urllib.request.urlopen(PACKAGE, timeout=120) as answer:
        body: bytes = answer.read()
    return body


def read(packed: bytes) -> dict[str, Any]:
    """The files that are of use, by their path in the package."""
    wanted = ["en/data.json", "hi/data.json", *(f"en/shortcodes/{name}.json" for name in SETS)]
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        found = {name: archive.extractfile(f"package/{name}") for name in wanted}
        return {name: json.load(file) for name, file in found.items() if file is not None}


def head() -> tuple[str, ...]:
    return (
        f"# Made by tools/emoji_data.py from {PACKAGE}; not to be edited. Licences: LICENSES.txt",
        "# group, how it takes a skin tone, emoji, short names, English name, words, Hindi name, words",
    )


def rows(package: dict[str, Any]) -> Iterator[str]:
    """One line for each emoji that has a group, in Unicode's order."""
    hindi = {entry["hexcode"]: entry for entry in package["hi/data.json"]}
    names = short_names({name: package[f"en/shortcodes/{name}.json"] for name in SETS}, package["en/data.json"])
    shown = (entry for entry in package["en/data.json"] if entry.get("group", COMPONENTS) != COMPONENTS)
    for entry in sorted(shown, key=lambda entry: entry["order"]):
        if entry["version"] > NEWEST:
            continue
        other, codes = hindi[entry["hexcode"]], names[entry["hexcode"]]
        said = {word for text in (entry["label"], *codes) for word in text.lower().replace("_", " ").split()}
        more, other_more = MORE_WORDS.get(sign(entry), ("", ""))
        yield "\t".join((
            str(entry["group"]), takes_tone(entry), sign(entry), " ".join(codes),
            entry["label"], words(entry, said, more), other["label"], words(other, {*other["label"].split()}, other_more),
        ))  # fmt: skip


def sign(entry: dict[str, Any]) -> str:
    """The emoji as Unicode recommends it: no selector behind what is a picture anyway."""
    emoji: str = entry["emoji"]
    return emoji[0] if entry["type"] == 1 and emoji[1:] == "\ufe0f" else emoji


def words(entry: dict[str, Any], said: set[str], more: str) -> str:
    """What else it is found by; what its name says already is left out."""
    found = dict.fromkeys([*entry.get("tags", ()), *filter(None, more.split(","))])
    return ",".join(word for word in found if word.lower() not in said)


def short_names(sets: dict[str, dict[str, Any]], entries: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """The names of each emoji, the best known first."""
    owners: dict[str, str] = {}
    names: dict[str, list[str]] = {entry["hexcode"]: [] for entry in entries}
    for known in sets.values():
        for hexcode, codes in known.items():
            if hexcode not in names:
                continue
            for code in codes if isinstance(codes, list) else [codes]:
                if owners.setdefault(code, hexcode) == hexcode and code not in names[hexcode]:
                    names[hexcode].append(code)
    return names


def takes_tone(entry: dict[str, Any]) -> str:
    """`-` for none, `1` behind the first sign, `2` behind each person. Errors: `Wrong` where neither gives Unicode's sequence."""
    skins = {skin["tone"]: skin["emoji"] for skin in entry.get("skins", ()) if not isinstance(skin["tone"], list)}
    skins |= {tone[0]: emoji for tone, emoji in doubles(entry)}
    if not skins:
        return "-"
    for how, toned in (("1", behind_first), ("2", behind_each)):
        if all(toned(entry["emoji"], chr(code)) == skins[tone] for tone, code in enumerate(TONES, 1)):
            return how
    raise Wrong(f"{entry['emoji']} takes its skin tone in a way of its own")


def doubles(entry: dict[str, Any]) -> Iterator[tuple[list[int], str]]:
    for skin in entry.get("skins", ()):
        if isinstance(skin["tone"], list) and len({*skin["tone"]}) == 1:
            yield skin["tone"], skin["emoji"]


def behind_first(emoji: str, tone: str) -> str:
    return emoji[0] + tone + emoji[1:].removeprefix("\ufe0f")


def behind_each(emoji: str, tone: str) -> str:
    return "".join(letter + tone if letter in PERSONS else letter for letter in emoji)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

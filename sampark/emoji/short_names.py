"""`:name:` in a text becomes its emoji: `:smile:`, `:+1::skin-tone-3:`, `:लाल_दिल:`.

The names are those of GitHub and Slack; a skin tone is written as in Slack (2 to 6).
"""

import re

from sampark.emoji.catalogue import catalogue
from sampark.folding import fold

_NAME = r":[^\s:*`<>()\[\]/\\\"'.,;=?#&%@]{1,64}:"
# Behind a letter, a digit or a part of an address it is something else: 10:30:45, a/:b:, key:value:.
_RUN = re.compile(rf"(?<![\w\u0900-\u0963/:=&#%@.+-])(?:{_NAME})+(?![\w\u0900-\u0963/:])")
_ONE = re.compile(rf"({_NAME})(?::skin-tone-([2-6]):)?")


def replaced(text: str) -> str:
    """The text with an emoji in the place of each known name; unknown ones stay as they are."""
    return _RUN.sub(lambda run: _ONE.sub(_emoji, run[0]), text) if text.count(":") > 1 else text


def _emoji(found: re.Match[str]) -> str:
    name = found[1][1:-1]
    emoji = catalogue().by_code.get(name) or catalogue().by_code.get(fold(name))
    return emoji.toned(int(found[2] or 1) - 1) if emoji else found[0]

"""Which `SAMPARK_…` variables there are, and which of those that are set are none."""

import difflib
import os
from collections.abc import Mapping

from sampark.rates import Rates

KNOWN = {
    *("SAMPARK_DATA_DIR", "SAMPARK_SECRET_KEY", "SAMPARK_PUBLIC_URL", "SAMPARK_TRUSTED_HOPS", "SAMPARK_REGISTRATION"),
    *(
        "SAMPARK_METRICS_TOKEN",
        "SAMPARK_BCRYPT_COST",
        "SAMPARK_MAX_UPLOAD_MB",
        "SAMPARK_STORAGE_URL",
        "SAMPARK_STORAGE_REDIRECT",
        "SAMPARK_ROOM_QUOTA_MB",
        "SAMPARK_QUOTA_MB",
        "SAMPARK_RATE_SCALE",
        "SAMPARK_DEBUG",
    ),
    *(f"SAMPARK_RATE_{name.upper()}" for name in Rates.__slots__),
    *("SAMPARK_PARENT", "SAMPARK_QUIET", "SAMPARK_WORKER", "SAMPARK_WORKERS"),  # from a supervisor to its children
}


def misspelt(environ: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each `SAMPARK_…` variable that is no setting: who thinks that registration is closed should know that it is not."""
    sentences = []
    for name in sorted(name for name in environ if name.startswith("SAMPARK_") and name not in KNOWN):
        close = difflib.get_close_matches(name, KNOWN, 1, 0.8)
        sentences.append(f"{name} is no setting and has no effect." + (f" Is {close[0]} meant?" if close else ""))
    return sentences

"""What a browser calls itself, as its owner would: `Firefox · Linux`."""

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("Lynx/", "Lynx"),
    ("w3m/", "w3m"),
    ("ELinks/", "ELinks"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def shown(agent: str) -> str:
    """A short name for a `User-Agent` header; the header's beginning where it is none we know.

    Order decides: most claim to be others, too."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if not browser:
        return agent[:60]
    return f"{browser} · {system}" if system else browser


def is_text_browser(agent: str) -> bool:
    """Whether it shows a page as text alone, without layout."""
    return agent.startswith(("Lynx/", "w3m/", "ELinks/", "Links "))

"""What a browser calls itself, in a word or two that a person recognises."""

# The first that is found counts: most of them also claim to be one of those after.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("FxiOS", "Firefox"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_name(calls_itself: str) -> str:
    """Name a browser and the machine it runs on; what is not known is shown as it came."""
    found = [
        next((name for mark, name in known if mark in calls_itself), "")
        for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or calls_itself[:40] or "?"

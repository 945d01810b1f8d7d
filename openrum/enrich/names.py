"""One name per brand: clients of different versions and browsers call the same thing differently. Pure tables."""

_BROWSERS = {
    "google chrome": "Chrome",
    "chrome": "Chrome",
    "chromium": "Chromium",
    "headlesschrome": "Headless Chrome",
    "chrome headless": "Headless Chrome",
    "microsoft edge": "Edge",
    "edge": "Edge",
    "mozilla firefox": "Firefox",
    "firefox": "Firefox",
    "safari": "Safari",
    "mobile safari": "Safari",
    "opera": "Opera",
    "brave": "Brave",
    "samsung browser": "Samsung Internet",
    "samsung internet": "Samsung Internet",
    "chrome webview": "Chrome WebView",
    "android webview": "Chrome WebView",
}
_SYSTEMS = {
    "mac os": "macOS",
    "mac os x": "macOS",
    "macos": "macOS",
    "windows": "Windows",
    "linux": "Linux",
    "android": "Android",
    "ios": "iOS",
    "chromium os": "ChromeOS",
    "chrome os": "ChromeOS",
    "chromeos": "ChromeOS",
}
_NOT_KNOWN = ("", "unknown")


def browser(name: str) -> str | None:
    """'Google Chrome' → 'Chrome'; a name that is not in the table stays; 'unknown' is None."""
    return _BROWSERS.get(name.lower(), name) if name.lower() not in _NOT_KNOWN else None


def system(name: str) -> str | None:
    """'Mac OS X' → 'macOS'."""
    return _SYSTEMS.get(name.lower(), name) if name.lower() not in _NOT_KNOWN else None


def device(name: str) -> str | None:
    """Device classes are in lower case: desktop, mobile, tablet, embedded."""
    return name.lower() if name.lower() not in _NOT_KNOWN else None


def major(version: str) -> str | None:
    """'120.0.6099.71' → '120'."""
    return version.partition(".")[0] if version.lower() not in _NOT_KNOWN else None

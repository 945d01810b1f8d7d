"""One name per brand: clients of different versions and browsers call the same thing differently. Pure tables."""

_NOT_KNOWN = "unknown"  # the 1.x client's word for it

_BROWSERS: dict[str, str | None] = {
    _NOT_KNOWN: None,
    "other": None,  # uap-core's word for it
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
    "chrome mobile": "Chrome",
    "chrome mobile ios": "Chrome",
    "edge mobile": "Edge",
    "firefox mobile": "Firefox",
    "firefox ios": "Firefox",
    "ie": "Internet Explorer",
    "ie mobile": "Internet Explorer",
    "opera mobile": "Opera",
    "opera touch": "Opera",
    "mobile safari ui/wkwebview": "Safari WebView",
    "chrome mobile webview": "Chrome WebView",
    "chrome webview": "Chrome WebView",
    "android webview": "Chrome WebView",
}
_SYSTEMS: dict[str, str | None] = {
    _NOT_KNOWN: None,
    "other": None,
    **dict.fromkeys(
        ("ubuntu", "debian", "fedora", "red hat", "centos", "gentoo", "arch linux", "linux mint", "suse"), "Linux"
    ),
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


def browser(name: str | None) -> str | None:
    """'Google Chrome' → 'Chrome'; a name that is not in the table stays; 'unknown' is None."""
    return _BROWSERS.get(name.lower(), name) if name else None


def system(name: str | None) -> str | None:
    """'Mac OS X' → 'macOS'."""
    return _SYSTEMS.get(name.lower(), name) if name else None


def device(name: str | None) -> str | None:
    """Device classes are in lower case: desktop, mobile, tablet, embedded."""
    return None if not name or name.lower() == _NOT_KNOWN else name.lower()


def major(version: str | None) -> str | None:
    """'120.0.6099.71' → '120'."""
    return None if not version or version.lower() == _NOT_KNOWN else version.partition(".")[0]

"""What a site pastes into its pages: the CDN's form, which loads the client from OpenRUM, and the npm forms. Text only."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

_CDN = """\
<script>
  (function (n, i, v, r, s, c, x, z) {
    x = window.AwsRumClient = { q: [], n: n, i: i, v: v, r: r, c: c };
    window[n] = function (c, p) { x.q.push({ c: c, p: p }); };
    z = document.createElement('script'); z.async = true; z.src = s;
    document.head.insertBefore(z, document.head.getElementsByTagName('script')[0]);
  })('cwr', %(monitor)s, '1.0.0', %(region)s,
    %(script)s, %(config)s);
</script>
"""

_NPM = """\
import { AwsRum } from 'aws-rum-web';

const rum = new AwsRum(%(monitor)s, '1.0.0', %(region)s, %(config)s);
"""

_TYPESCRIPT = """\
import { AwsRum, type AwsRumConfig } from 'aws-rum-web';

const config: AwsRumConfig = %(config)s;

export const rum = new AwsRum(%(monitor)s, '1.0.0', %(region)s, config);
"""

TELEMETRIES = ("performance", "errors", "http")
_IN_ADDRESSES = "%/:?#[]@!$&'()*+,;=|"
_DISPATCH_MS = 1_000  # the client's own five seconds lose what happened last on a page that is closed at once


@dataclass(frozen=True, slots=True)
class Snippet:
    """For one monitor. `url` is the address that browsers use, without a slash at the end."""

    monitor_id: str
    region: str
    url: str
    public: bool
    sample_rate: float
    cookies: bool = True
    telemetries: tuple[str, ...] = TELEMETRIES
    xray: bool = False
    identity_pool: str | None = None
    guest_role: str | None = None
    included_pages: tuple[str, ...] = ()
    excluded_pages: tuple[str, ...] = ()

    @classmethod
    def made_of(cls, configuration: Mapping[str, Any], *, monitor_id: str, region: str, url: str, public: bool) -> Self:
        """By the monitor's configuration as the API model names it; what it leaves out is as the service has it."""
        return cls(
            monitor_id=monitor_id,
            region=region,
            url=url,
            public=public,
            sample_rate=configuration.get("SessionSampleRate", 1.0),
            cookies=configuration.get("AllowCookies", True),
            telemetries=tuple(configuration.get("Telemetries") or TELEMETRIES),
            xray=configuration.get("EnableXRay", False),
            identity_pool=configuration.get("IdentityPoolId"),
            guest_role=configuration.get("GuestRoleArn"),
            included_pages=tuple(configuration.get("IncludedPages") or ()),
            excluded_pages=tuple(configuration.get("ExcludedPages") or ()),
        )

    def cdn(self) -> str:
        """For the head of every page, before anything else."""
        words = self._words()
        config = words["config"].replace("\n", "\n    ")  # as deep as it stands there
        return _CDN % {**words, "config": config, "script": _text(f"{self.url}/client/3.x/cwr.js")}

    def npm(self) -> str:
        """For an application that bundles its scripts."""
        return _NPM % self._words()

    def typescript(self) -> str:
        """The same, with its types."""
        return _TYPESCRIPT % self._words()

    def _words(self) -> dict[str, str]:
        config: dict[str, object] = {
            "sessionSampleRate": self.sample_rate,
            "endpoint": self.url,
            "telemetries": list(self.telemetries),
            "allowCookies": self.cookies,
            "dispatchInterval": _DISPATCH_MS,
        }
        if self.xray:
            config["enableXRay"] = True
        if self.public:
            config["signing"] = False
        elif self.identity_pool:
            config["identityPoolId"] = self.identity_pool
            if self.guest_role:
                config["guestRoleArn"] = self.guest_role
        said = {name: _text(value) for name, value in config.items()}
        if self.included_pages:
            said["pagesToInclude"] = _pages(self.included_pages)
        if self.excluded_pages:
            said["pagesToExclude"] = _pages(self.excluded_pages)
        members = ",\n".join(f"  {_text(name)}: {value}" for name, value in said.items())
        return {"monitor": _text(self.monitor_id), "region": _text(self.region), "config": f"{{\n{members}\n}}"}


def _text(value: object) -> str:
    """JSON that may stand inside a script element, whatever is in it."""
    return json.dumps(value).replace("<", "\\u003c")


def _pages(urls: Sequence[str]) -> str:
    """Regular expressions as the client tries them on a page's address: one of each URL, whatever its query and fragment."""
    return f"[{', '.join(_page(url) for url in urls)}]"


def _page(url: str) -> str:
    """A * is any run of characters. What a browser would write otherwise is written as it does: `quote` leaves ASCII alone."""
    address = quote(url if re.search(r"://[^/?#]*[/?#]", url) else f"{url}/", safe=_IN_ADDRESSES)
    pattern = "".join(".*" if sign == "*" else re.sub(r"[\\^$.|?+()\[\]{}/]", r"\\\g<0>", sign) for sign in address)
    return f"/^{pattern}(?:[?#]|$)/"

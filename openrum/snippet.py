"""What a site pastes into its pages: the CDN's form, which loads the client from OpenRUM, and the npm form. Text only."""

import json
from dataclasses import dataclass

_CDN = """\
<script>
  (function (n, i, v, r, s, c, x, z) {
    x = window.AwsRumClient = { q: [], n: n, i: i, v: v, r: r, c: c };
    window[n] = function (c, p) { x.q.push({ c: c, p: p }); };
    z = document.createElement('script'); z.async = true; z.src = s;
    document.head.insertBefore(z, document.head.getElementsByTagName('script')[0]);
  })('cwr', %(monitor)s, '1.0.0', %(region)s, %(script)s, %(config)s);
</script>
"""

_NPM = """\
import { AwsRum } from 'aws-rum-web';

const rum = new AwsRum(%(monitor)s, '1.0.0', %(region)s, %(config)s);
"""


@dataclass(frozen=True, slots=True)
class Snippet:
    """For one monitor. `url` is the address that browsers use, without a slash at the end."""

    monitor_id: str
    region: str
    url: str
    public: bool
    sample_rate: float
    cookies: bool = True

    def cdn(self) -> str:
        """For the head of every page, before anything else."""
        return _CDN % {**self._words(), "script": _text(f"{self.url}/client/3.x/cwr.js")}

    def npm(self) -> str:
        """For an application that bundles its scripts."""
        return _NPM % self._words()

    def _words(self) -> dict[str, str]:
        config: dict[str, object] = {
            "sessionSampleRate": self.sample_rate,
            "endpoint": self.url,
            "telemetries": ["performance", "errors", "http"],
            "allowCookies": self.cookies,
        }
        if self.public:
            config["signing"] = False
        return {"monitor": _text(self.monitor_id), "region": _text(self.region), "config": _text(config)}


def _text(value: object) -> str:
    """JSON that may stand inside a script element, whatever is in it."""
    return json.dumps(value, indent=2).replace("<", "\\u003c")

// Hosts as people write them. Pure.

/** The names of one's own machine, each with the other. */
const OWN_MACHINE: Record<string, string> = { localhost: '127.0.0.1', '127.0.0.1': 'localhost' };

/** The host of what was pasted: an address, a host with a port, or the host itself, in lower case. */
export function hostOf(text: string): string {
  const said = text.trim().toLowerCase();
  const host = said
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/[/?#].*$/, '')
    .replace(/^[^@]*@/, '');
  return host.replace(/:\d+$/, '');
}

/** The hosts of a line of them. Where the only one is the own machine, by both its names: pages are opened by either. */
export function hostsOf(text: string): string[] {
  const hosts = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(hostOf);
  const other = hosts.length === 1 ? OWN_MACHINE[hosts[0] ?? ''] : undefined;
  return other === undefined ? hosts : [...hosts, other];
}

/** What a monitor of a host may be called: www.shop.example.com → shop.example.com. */
export function nameOf(host: string): string {
  return host
    .replace(/^(www\d?|\*)\./, '')
    .replace(/[^a-z0-9._-]/g, '')
    .replace(/^\.+|\.+$/g, '');
}

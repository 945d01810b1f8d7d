// Hosts as people write them. Pure.

/** The host of what was pasted: an address, a host with a port, or the host itself, in lower case. */
export function hostOf(text: string): string {
  const said = text.trim().toLowerCase();
  const host = said
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/[/?#].*$/, '')
    .replace(/^[^@]*@/, '');
  return host.replace(/:\d+$/, '');
}

/** What a monitor of a host may be called: www.shop.example.com → shop.example.com. */
export function nameOf(host: string): string {
  return host
    .replace(/^(www\d?|\*)\./, '')
    .replace(/[^a-z0-9._-]/g, '')
    .replace(/^\.+|\.+$/g, '');
}

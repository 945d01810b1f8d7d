// What the console calls the API's dimensions, and how it writes their values. Pure.

import { countryName, languageName } from './countries';
import { spoken } from './measures';

const LABELS: Record<string, string> = {
  page: 'Page',
  page_group: 'Page group',
  page_tag: 'Page tag',
  title: 'Title',
  domain: 'Domain',
  referrer_domain: 'Referrer',
  parent_page: 'Page before',
  navigation_type: 'Navigation',
  session: 'Session',
  user: 'User',
  release: 'Release',
  browser: 'Browser',
  browser_version: 'Browser version',
  os: 'Operating system',
  os_version: 'System version',
  device: 'Device',
  language: 'Language',
  client_version: 'Client version',
  country: 'Country',
  subdivision: 'Region',
  bot: 'Bot',
  error: 'Error group',
  error_title: 'Error',
  error_type: 'Error type',
  http_url: 'Request',
  http_host: 'Request host',
  http_method: 'Method',
  http_status: 'Status',
  resource_url: 'Resource',
  resource_host: 'Resource host',
  resource_type: 'Resource type',
  first_party: 'Party',
  lcp_element: 'LCP element',
  inp_target: 'INP target',
  inp_type: 'Interaction',
  cls_target: 'CLS target',
  load_state: 'Load state',
  dom_event: 'DOM event',
  type: 'Event type',
};

/** The dimensions that the filter dialog offers, the common ones first. */
export const FILTERABLE = [
  ...[
    'page_group',
    'page',
    'country',
    'browser',
    'os',
    'device',
    'release',
    'referrer_domain',
    'error_title',
    'http_url',
  ],
  ...Object.keys(LABELS).filter((name) => !['bot'].includes(name)),
].filter((name, index, all) => all.indexOf(name) === index);

/** "Country" of country; the name of an attribute as it is. */
export function dimensionLabel(name: string): string {
  return LABELS[name] ?? (name.startsWith('attribute:') ? name.slice('attribute:'.length) : spoken(name));
}

/** What stands for an event without the value. */
export const NO_VALUE = '(none)';

const DEVICES: Record<string, string> = {
  desktop: 'Desktop',
  mobile: 'Mobile',
  tablet: 'Tablet',
  embedded: 'Embedded',
};

/** A value of a dimension as people read it. It is text of strangers: shown as a text node, never as markup. */
export function formatValue(dimension: string, value: string | number | boolean | null): string {
  if (value === null) return dimension === 'referrer_domain' ? 'Direct or unknown' : NO_VALUE;
  const text = String(value);
  if (text === '') return '(empty)';
  switch (dimension) {
    case 'country':
      return countryName(text);
    case 'language':
      return languageName(text);
    case 'device':
      return DEVICES[text] ?? text;
    case 'first_party':
      return text === 'true' ? 'First party' : text === 'false' ? 'Third party' : text;
    case 'bot':
      return text === 'true' ? 'Yes' : text === 'false' ? 'No' : text;
    default:
      return text;
  }
}

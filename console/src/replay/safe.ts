// What of a recorded page may be shown. It was made by strangers, and is shown in a frame that runs no script: what is left
// to forbid is all that asks for an address, be it by a picture, a style or a form. Pictures within the recording stay.

const EMPTY_OF_MEANING = 'replay-nothing';
const BOX = 'replay-box';
/** A style sheet lies beside the page, not in it: the console's policy takes no style that stands in markup. */
export const SHEET = 'replay-sheet';

const REPLACED: Record<string, string> = {
  style: SHEET,
  link: SHEET,
  script: EMPTY_OF_MEANING,
  noscript: EMPTY_OF_MEANING,
  meta: EMPTY_OF_MEANING,
  base: EMPTY_OF_MEANING,
  template: EMPTY_OF_MEANING,
  set: EMPTY_OF_MEANING,
  animate: EMPTY_OF_MEANING,
  animatetransform: EMPTY_OF_MEANING,
  animatemotion: EMPTY_OF_MEANING,
  iframe: BOX,
  frame: BOX,
  frameset: BOX,
  object: BOX,
  embed: BOX,
  applet: BOX,
  portal: BOX,
  fencedframe: BOX,
};

/** The name of the element that stands for a recorded one. */
export function elementName(recorded: string): string {
  const name = recorded.toLowerCase();
  return Object.hasOwn(REPLACED, name) ? (REPLACED[name] as string) : recorded;
}

/** Addresses, and what acts by itself. */
const FORBIDDEN = new Set([
  'src srcset imagesrcset href xlink:href action formaction poster data srcdoc ping background cite longdesc manifest',
  'codebase classid archive profile usemap lowsrc dynsrc http-equiv is nonce integrity target download attributionsrc autofocus',
].join(' ').split(' ')); // prettier-ignore
/** Of an element that stands for another. */
const KEPT = new Set(['class', 'id', 'width', 'height', 'media']);
const PICTURE = /^data:image\/(?:png|jpe?g|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon|svg\+xml)[;,]/i;

/** What an attribute is shown as; null where it is left out. `style` is not asked for here: it is no attribute of ours. */
export function attributeOf(element: string, name: string, value: string): string | null {
  const low = name.toLowerCase();
  if (element.startsWith('replay-') && !KEPT.has(low)) return null;
  if (low.startsWith('on')) return null;
  if (low === 'href' && /^(?:a|area)$/i.test(element)) return 'about:blank'; // that it looks like a link
  if (low === 'href' || low === 'xlink:href') return value.startsWith('#') ? value : null; // of a drawing: its own parts
  if (low === 'src' && element.toLowerCase() === 'img') return PICTURE.test(value) ? value : null;
  if (FORBIDDEN.has(low)) return null;
  return loads(value) ? null : value;
}

/** Whether a text of CSS, as an engine writes it down, asks for more than what is within it. */
export function loads(css: string): boolean {
  return /image-set\(|src\(|cross-fade\(|@import/i.test(css) || /url\(\s*(?!\s|["']?(?:data:|#))/i.test(css);
}

/** What an engine keeps as it was written may hide a word behind an escape. */
function hides(value: string): boolean {
  return /\\|url|image|src/i.test(value);
}

/** Take out the declarations that load something. */
export function cleanStyle(style: CSSStyleDeclaration): void {
  for (const name of [...style]) {
    const value = style.getPropertyValue(name);
    if (loads(value) || (name.startsWith('--') && hides(value))) style.removeProperty(name);
  }
}

/** Whether a visitor has it dark is not recorded, and the viewer's own choice says nothing of it: a page is shown by day. */
export function byDay(css: string): string {
  return css
    .replace(/\(\s*prefers-color-scheme\s*:\s*dark\s*\)/gi, '(width < 0px)')
    .replace(/\(\s*prefers-color-scheme\s*:\s*light\s*\)/gi, '(width >= 0px)')
    .replace(/(color-scheme\s*:\s*)(?:light\s+dark|dark\s+light|dark)\b/gi, '$1light');
}

interface Ruled {
  readonly cssRules: CSSRuleList;
  deleteRule(at: number): void;
}

/** The same for a sheet, or for a rule that has rules. */
export function cleanRules(owner: Ruled): void {
  for (let at = owner.cssRules.length - 1; at >= 0; at--) cleanRule(owner, at);
}

/** The same for one rule; what has no declaration to take out goes as a whole. */
export function cleanRule(owner: Ruled, at: number): void {
  const rule = owner.cssRules[at] as CSSRule & Partial<Ruled> & { style?: CSSStyleDeclaration };
  if (!loads(rule.cssText) && !rule.cssText.includes('\\')) return;
  if (rule.style) cleanStyle(rule.style);
  if (rule.cssRules && rule.deleteRule) cleanRules(rule as Ruled);
  if (loads(rule.cssText)) owner.deleteRule(at);
}

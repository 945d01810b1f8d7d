// A recorded page in a frame: built of a picture of the whole, and changed record by record. Everything in it is a node that
// was made here, by what `safe.ts` lets through; markup is never read.

import { CHANGE, listOf, type Members, membersOf, NODE, numberOf, RECORD, type Recorded, textOf } from './records';
import { attributeOf, cleanStyle, elementName, SHEET } from './safe';
import { Sheets } from './sheets';

const SVG = 'http://www.w3.org/2000/svg';
const NODES_MAX = 200_000;
const DEPTH_MAX = 400;

/** Of an element that says its size in place of its content. */
const SIZES: Record<string, string> = { rr_width: 'width', rr_height: 'height' };

export class ReplayedPage {
  private readonly document: Document;
  private readonly nodes = new Map<number, Node>();
  private ids = new WeakMap<Node, number>();
  private recordedNames = new WeakMap<Node, string>();
  private sheets: Sheets;
  private scrolls: [Element, number, number][] = [];

  /** `frame` has an empty document of ours. */
  constructor(private readonly frame: HTMLIFrameElement) {
    this.document = frame.contentDocument as Document;
    this.sheets = new Sheets(this.document);
  }

  /** Show what a record says of the page. Pointer and size of the window are not its business. */
  show({ kind, data }: Recorded): void {
    if (kind === RECORD.full) this.build(data);
    else if (kind === RECORD.change) this.change(data);
  }

  private build(data: Members): void {
    this.nodes.clear();
    this.ids = new WeakMap();
    this.recordedNames = new WeakMap();
    this.sheets = new Sheets(this.document);
    this.scrolls = [];
    this.document.documentElement?.remove();
    this.grow(membersOf(data.node), this.document, null);
    this.sheets.settle();
    for (const [element, x, y] of this.scrolls) element.scrollTo(x, y);
    const { left, top } = membersOf(data.initialOffset);
    this.frame.contentWindow?.scrollTo(numberOf(left) ?? 0, numberOf(top) ?? 0);
  }

  private change(data: Members): void {
    switch (data.source) {
      case CHANGE.mutation:
        return this.mutate(data);
      case CHANGE.scroll:
        return this.scroll(data);
      case CHANGE.input:
        return this.enter(data);
      case CHANGE.sheetRule:
      case CHANGE.declaration:
      case CHANGE.adopted:
        this.sheets.change(data, (id) => this.nodeOf(id));
        if (data.source === CHANGE.adopted) this.sheets.settle();
    }
  }

  // ── Nodes ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private nodeOf(id: unknown): Node | undefined {
    return this.nodes.get(Number(id));
  }

  /** Make a recorded node and all below it. */
  private grow(recorded: Members, parent: Node, before: Node | null): void {
    const waiting: [Members, Node, Node | null, number][] = [[recorded, parent, before, 0]];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [member, above, behind, depth] = next;
      if (this.nodes.size >= NODES_MAX || depth > DEPTH_MAX) continue;
      const node = this.place(member, above, behind);
      if (node === undefined) continue;
      const below = listOf(member.childNodes).map((child): [Members, Node, null, number] => [
        membersOf(child),
        node,
        null,
        depth + 1,
      ]);
      waiting.push(...below.reverse());
    }
  }

  private place(member: Members, parent: Node, before: Node | null): Node | undefined {
    const node = this.make(member);
    if (node === undefined) return undefined;
    const id = numberOf(member.id);
    if (id !== undefined) {
      this.nodes.set(id, node);
      this.ids.set(node, id);
    }
    if (node === this.document) return node;
    const above = member.isShadow === true ? this.shadowOf(parent as Element) : parent;
    if (above === this.document && (node.nodeType !== 1 || this.document.documentElement)) return undefined;
    above.insertBefore(node, before?.parentNode === above ? before : null);
    const sheet = sheetAt(node);
    if (sheet !== null && node !== sheet && node.textContent !== '') this.sheets.put(sheet, sheet.textContent ?? '');
    return node;
  }

  private make(member: Members): Node | undefined {
    switch (member.type) {
      case NODE.document:
        return this.document;
      case NODE.element:
        return this.makeElement(member);
      case NODE.text:
      case NODE.cdata:
        return this.document.createTextNode(textOf(member.textContent) ?? '');
      case NODE.comment:
        return this.document.createComment('');
      default:
        return undefined;
    }
  }

  private makeElement(member: Members): Element {
    const recorded = textOf(member.tagName) ?? 'div';
    const attributes = membersOf(member.attributes);
    const drawn = recorded === 'canvas' && typeof attributes.rr_dataURL === 'string';
    const element = this.newElement(drawn ? 'img' : elementName(recorded), member.isSVG === true);
    this.recordedNames.set(element, recorded);
    const { _cssText, ...others } = attributes;
    for (const [name, value] of Object.entries(others)) this.setAttribute(element, name, value);
    if (_cssText !== undefined) this.setAttribute(element, '_cssText', _cssText); // once its `media` is known
    if (recorded === 'img' && !element.hasAttribute('src')) element.setAttribute('data-replay-box', '');
    return element;
  }

  private newElement(name: string, drawing: boolean): Element {
    try {
      return drawing ? this.document.createElementNS(SVG, name) : this.document.createElement(name);
    } catch {
      return this.document.createElement('div'); // no name of an element
    }
  }

  private shadowOf(host: Element): Node {
    if (host.shadowRoot !== null) return host.shadowRoot;
    try {
      const root = host.attachShadow({ mode: 'open' });
      this.sheets.addRoot(root);
      return root;
    } catch {
      return host; // of an element that can have none here
    }
  }

  // ── Attributes ──────────────────────────────────────────────────────────────────────────────────────────────────

  private setAttribute(element: Element, name: string, value: unknown): void {
    const said = value === true ? '' : typeof value === 'number' ? String(value) : value;
    if (name === 'style') return setStyle(element as HTMLElement, value);
    if (name.startsWith('rr_')) return this.setRecorded(element, name, value);
    if (name === '_cssText') {
      if (typeof value === 'string') this.sheets.put(element, value);
      return;
    }
    if (typeof said !== 'string') return element.removeAttribute(name);
    const shown = attributeOf(element.localName, name, said);
    try {
      if (shown === null) element.removeAttribute(name);
      else element.setAttribute(name, shown);
    } catch {
      // No name of an attribute: a page's own parser takes more than its scripts may set.
    }
    if (name === 'value' || name === 'checked') setInput(element, name === 'value' ? said : undefined, value !== false);
  }

  /** What a recorder says of an element that is in no attribute of it. */
  private setRecorded(element: Element, name: string, value: unknown): void {
    const size = SIZES[name];
    if (size !== undefined && typeof value === 'string') {
      (element as HTMLElement).style.setProperty(size, value);
      element.setAttribute('data-replay-box', '');
    } else if (name === 'rr_dataURL' && typeof value === 'string') {
      const shown = attributeOf('img', 'src', value);
      if (shown !== null && element.localName === 'img') element.setAttribute('src', shown);
    } else if (name === 'rr_scrollLeft' || name === 'rr_scrollTop') {
      const offset = numberOf(value) ?? 0;
      this.scrolls.push(name === 'rr_scrollLeft' ? [element, offset, 0] : [element, element.scrollLeft, offset]);
    }
  }

  // ── Changes ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private mutate(data: Members): void {
    let sheets = false;
    for (const each of listOf(data.removes)) {
      const node = this.nodeOf(membersOf(each).id);
      if (node === undefined || node === this.document) continue;
      const sheet = sheetAt(node);
      node.parentNode?.removeChild(node);
      if (sheet !== null && sheet !== node) this.sheets.put(sheet, sheet.textContent ?? '');
      sheets ||= sheet !== null || holdsSheet(node);
      this.forget(node);
    }
    sheets = this.add(listOf(data.adds).map(membersOf)) || sheets;
    for (const each of listOf(data.texts)) {
      const { id, value } = membersOf(each);
      const node = this.nodeOf(id);
      if (node?.nodeType !== 3) continue;
      node.textContent = textOf(value) ?? '';
      const sheet = sheetAt(node);
      if (sheet === null) continue;
      this.sheets.put(sheet, sheet.textContent ?? '');
      sheets = true;
    }
    for (const each of listOf(data.attributes)) {
      const { id, attributes } = membersOf(each);
      const node = this.nodeOf(id);
      if (node?.nodeType !== 1) continue;
      for (const [name, value] of Object.entries(membersOf(attributes))) {
        this.setAttribute(node as Element, name, value);
        sheets ||= name === '_cssText';
      }
    }
    if (sheets) this.sheets.settle();
  }

  /** Nodes may be told before those that they stand beside. Whether there was a style sheet among them. */
  private add(adds: Members[]): boolean {
    let [waiting, sheets] = [adds, false];
    for (let strict = true; waiting.length > 0;) {
      const left: Members[] = [];
      for (const each of waiting) {
        const parent = this.nodeOf(each.parentId);
        const next = numberOf(each.nextId);
        if (parent === undefined || (strict && next !== undefined && !this.nodes.has(next))) {
          left.push(each);
          continue;
        }
        const node = membersOf(each.node);
        this.grow(node, parent, next === undefined ? null : (this.nodeOf(next) ?? null));
        const grown = this.nodeOf(node.id);
        sheets ||= grown !== undefined && (sheetAt(grown) !== null || holdsSheet(grown));
      }
      if (left.length === waiting.length && !strict) break; // theirs is not in the recording
      strict = left.length < waiting.length;
      waiting = left;
    }
    return sheets;
  }

  private forget(node: Node): void {
    const waiting = [node];
    for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
      const id = this.ids.get(each);
      if (id !== undefined && this.nodes.get(id) === each) this.nodes.delete(id);
      waiting.push(...each.childNodes, ...((each as Element).shadowRoot?.childNodes ?? []));
    }
  }

  private scroll({ id, x, y }: Members): void {
    const node = this.nodeOf(id);
    const [left, top] = [numberOf(x) ?? 0, numberOf(y) ?? 0];
    if (node === this.document) this.frame.contentWindow?.scrollTo(left, top);
    else if (node?.nodeType === 1) (node as Element).scrollTo(left, top);
  }

  private enter({ id, text, isChecked }: Members): void {
    const node = this.nodeOf(id);
    if (node?.nodeType === 1) setInput(node as Element, textOf(text), isChecked === true);
  }
}

/** The element that stands for a style sheet, of it or of a text in it. */
function sheetAt(node: Node): Element | null {
  const element = node.nodeType === 3 ? node.parentElement : node;
  return element?.nodeType === 1 && (element as Element).localName === SHEET ? (element as Element) : null;
}

function holdsSheet(node: Node): boolean {
  return node.nodeType === 1 && (node as Element).querySelector(SHEET) !== null;
}

function setInput(element: Element, text: string | undefined, checked: boolean): void {
  const input = element as HTMLInputElement;
  if (text !== undefined && 'value' in input && input.type !== 'file') input.value = text;
  if ('checked' in input) input.checked = checked;
}

/** A style is said whole, or by what changed of it. */
function setStyle(element: HTMLElement, value: unknown): void {
  const style = element.style as CSSStyleDeclaration | undefined;
  if (style === undefined) return;
  if (typeof value === 'string' || value === null || value === false) style.cssText = textOf(value) ?? '';
  for (const [name, said] of Object.entries(membersOf(value))) {
    const [text, priority] = Array.isArray(said) ? said : [said, ''];
    if (typeof text === 'string') style.setProperty(name, text, textOf(priority) ?? '');
    else style.removeProperty(name);
  }
  cleanStyle(style);
}

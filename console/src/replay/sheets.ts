// The style sheets of a recorded page. They are made by hand and adopted by its document, for the console's policy takes none
// that stands in markup; in the order in which they stand in the page, behind one of ours.

import { CHANGE, listOf, type Members, membersOf, numberOf, textOf } from './records';
import { byDay, cleanRule, cleanRules, cleanStyle, SHEET } from './safe';

/** Under all of the page's own, so that it wins where it says something. */
const GROUND = `
  replay-nothing, replay-sheet { display: none !important }
  replay-box, img[data-replay-box] {
    display: inline-block; min-width: 16px; min-height: 16px;
    background: repeating-linear-gradient(135deg, #8883 0 6px, #8881 6px 12px);
  }
  :focus { outline: none }
`;

type Root = Document | ShadowRoot;
type Path = readonly unknown[];

export class Sheets {
  private readonly made = new Map<Element, CSSStyleSheet>();
  private readonly adopted = new Map<Root, CSSStyleSheet[]>();
  private readonly byId = new Map<number, CSSStyleSheet>();
  private readonly roots = new Set<Root>();
  private readonly ground: CSSStyleSheet;
  private readonly window: Window & typeof globalThis;

  constructor(document: Document) {
    this.window = document.defaultView as Window & typeof globalThis;
    this.ground = this.sheetOf(GROUND);
    this.roots.add(document);
  }

  /** Where sheets may be as well. */
  addRoot(root: ShadowRoot): void {
    this.roots.add(root);
  }

  /** An element that stands for a sheet has this text now. */
  put(element: Element, css: string): void {
    this.made.set(element, this.sheetOf(css, element.getAttribute('media') ?? ''));
  }

  /** Adopt what there is. Call it when the page is changed. */
  settle(): void {
    for (const root of this.roots) {
      const standing = [...root.querySelectorAll(SHEET)].flatMap((element) => this.made.get(element) ?? []);
      root.adoptedStyleSheets = [this.ground, ...standing, ...(this.adopted.get(root) ?? [])];
    }
  }

  /** A record about sheets. `nodeOf` finds nodes of the page. */
  change(data: Members, nodeOf: (id: unknown) => Node | undefined): void {
    if (data.source === CHANGE.adopted) {
      const root = nodeOf(data.id);
      if (root !== undefined) this.adopt(data, rootOf(root));
      return;
    }
    const node = nodeOf(data.id);
    const sheet = this.byId.get(Number(data.styleId)) ?? (node && this.made.get(node as Element));
    if (sheet === undefined) return;
    if (data.source === CHANGE.sheetRule) changeRules(sheet, data);
    else changeDeclaration(sheet, data);
  }

  private adopt(data: Members, root: Root): void {
    for (const each of listOf(data.styles)) {
      const { styleId, rules } = membersOf(each);
      const sheet = this.sheetOf('');
      for (const rule of listOf(rules)) insert(sheet, membersOf(rule).rule, sheet.cssRules.length);
      this.byId.set(Number(styleId), sheet);
    }
    this.roots.add(root);
    this.adopted.set(
      root,
      listOf(data.styleIds).flatMap((id) => this.byId.get(Number(id)) ?? []),
    );
  }

  private sheetOf(css: string, media = ''): CSSStyleSheet {
    const sheet = new this.window.CSSStyleSheet({ media });
    sheet.replaceSync(byDay(css));
    cleanRules(sheet);
    return sheet;
  }
}

function rootOf(node: Node): Root {
  return (node as Element).shadowRoot ?? (node.nodeType === 9 ? (node as Document) : (node.getRootNode() as Root));
}

function changeRules(sheet: CSSStyleSheet, data: Members): void {
  const whole = textOf(data.replaceSync) ?? textOf(data.replace);
  if (whole !== undefined) {
    sheet.replaceSync(byDay(whole));
    cleanRules(sheet);
  }
  for (const each of listOf(data.removes)) {
    const path = pathOf(membersOf(each).index);
    tried(() => ownerOf(sheet, path.slice(0, -1))?.deleteRule(Number(path.at(-1))));
  }
  for (const each of listOf(data.adds)) {
    const { rule, index } = membersOf(each);
    const path = pathOf(index);
    const owner = ownerOf(sheet, path.slice(0, -1));
    if (owner !== undefined) insert(owner, rule, numberOf(path.at(-1)) ?? owner.cssRules.length);
  }
}

function changeDeclaration(sheet: CSSStyleSheet, data: Members): void {
  const rule = ownerOf(sheet, pathOf(data.index)) as unknown as CSSStyleRule | undefined;
  if (rule?.style === undefined) return;
  const { property, value, priority } = membersOf(data.set);
  const gone = textOf(membersOf(data.remove).property);
  if (typeof property === 'string') {
    rule.style.setProperty(property, textOf(value) ?? null, textOf(priority) ?? '');
    cleanStyle(rule.style);
  }
  if (gone !== undefined) rule.style.removeProperty(gone);
}

/** A rule is named by its place, or by the places down to it. */
function pathOf(index: unknown): Path {
  return Array.isArray(index) ? index : index === undefined ? [] : [index];
}

function ownerOf(sheet: CSSStyleSheet, path: Path): CSSGroupingRule | undefined {
  let owner: unknown = sheet;
  for (const at of path) owner = (owner as CSSGroupingRule | undefined)?.cssRules?.[Number(at)];
  return owner as CSSGroupingRule | undefined;
}

function insert(owner: CSSStyleSheet | CSSGroupingRule, rule: unknown, at: number): void {
  tried(() => {
    cleanRule(owner, owner.insertRule(byDay(textOf(rule) ?? ''), Math.min(at, owner.cssRules.length)));
  });
}

/** What this engine does not know is left out, as it was in the browser that recorded it. */
function tried(work: () => void): void {
  try {
    work();
  } catch {
    // No rule, or no place for one.
  }
}

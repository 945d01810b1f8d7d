// Short explanations that appear on hover and focus: one layer for all, filled as text.

import type { Attachment } from 'svelte/attachments';

const DELAY_MS = 350;
const GAP = 6;
const EDGE = 8;

let layer: HTMLElement | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let shownFor: Element | undefined;

function theLayer(): HTMLElement {
  if (layer === undefined) {
    layer = document.createElement('div');
    layer.className = 'tip';
    layer.id = 'tip';
    layer.popover = 'manual';
    layer.setAttribute('role', 'tooltip');
    document.body.append(layer);
  }
  return layer;
}

function show(anchor: Element, text: string): void {
  const tip = theLayer();
  tip.textContent = text;
  if (!anchor.isConnected) return;
  tip.showPopover();
  shownFor = anchor;
  anchor.setAttribute('aria-describedby', tip.id);
  const at = anchor.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const left = Math.max(EDGE, Math.min(at.left + at.width / 2 - size.width / 2, innerWidth - size.width - EDGE));
  const below = at.bottom + GAP + size.height < innerHeight - EDGE;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? at.bottom + GAP : at.top - GAP - size.height}px`;
}

function hide(): void {
  clearTimeout(timer);
  shownFor?.removeAttribute('aria-describedby');
  shownFor = undefined;
  if (layer?.matches(':popover-open')) layer.hidePopover();
}

/** What an element means, where that needs saying. Nothing is shown for an empty text. */
export function tip(text: () => string | undefined): Attachment<Element> {
  return (anchor) => {
    const enter = (event: Event): void => {
      const said = text();
      if (!said) return;
      clearTimeout(timer);
      const byKeyboard = event.type === 'focusin' && anchor.matches(':focus-visible');
      if (event.type === 'focusin' && !byKeyboard) return;
      timer = setTimeout(() => show(anchor, said), byKeyboard ? 0 : DELAY_MS);
    };
    const listening = new AbortController();
    const { signal } = listening;
    for (const begin of ['pointerenter', 'focusin']) anchor.addEventListener(begin, enter, { signal });
    for (const end of ['pointerleave', 'focusout', 'pointerdown', 'keydown'])
      anchor.addEventListener(end, hide, { signal });
    return () => {
      listening.abort();
      if (shownFor === anchor) hide();
    };
  };
}

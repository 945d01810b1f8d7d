// The keyboard: what is bound now, and who hears a key. Views bind while they are shown; `?` lists what is bound.

import { onMount } from 'svelte';

export interface Binding {
  /** A key as the browser names it, in lower case; `g o` is one after the other; `ctrl+k` is also ⌘K. */
  keys: string | string[];
  label: string;
  group: string;
  run: () => void;
  /** Heard in text fields and over dialogs too. */
  always?: boolean;
}

const bound: Binding[] = [];
let waitingFor = '';
let waitingTimer: ReturnType<typeof setTimeout> | undefined;

/** Bind keys until the returned function is called. The newest binding of a key wins. */
export function bindKeys(bindings: readonly Binding[]): () => void {
  bound.push(...bindings);
  return () => {
    for (const binding of bindings) bound.splice(bound.lastIndexOf(binding), 1);
  };
}

/** Bind keys for as long as the component is there. Call it while it is set up. */
export function useKeys(bindings: readonly Binding[]): void {
  onMount(() => bindKeys(bindings));
}

/** Everything that is bound, by group, without what a newer binding hides. */
export function boundKeys(): Map<string, Binding[]> {
  const groups = new Map<string, Binding[]>();
  const seen = new Set<string>();
  for (const binding of bound.toReversed()) {
    const [first = ''] = keysOf(binding);
    if (seen.has(first)) continue;
    keysOf(binding).forEach((key) => seen.add(key));
    groups.set(binding.group, [binding, ...(groups.get(binding.group) ?? [])]);
  }
  return groups;
}

export function keysOf(binding: Binding): string[] {
  return typeof binding.keys === 'string' ? [binding.keys] : binding.keys;
}

/** Hear the document's keys. Call it once; it returns how to end. */
export function listenToKeys(): () => void {
  document.addEventListener('keydown', hear);
  return () => document.removeEventListener('keydown', hear);
}

function hear(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const key = nameOf(event);
  const combined = waitingFor === '' ? key : `${waitingFor} ${key}`;
  const quiet =
    isTyping(event.target) || document.querySelector('dialog[open]:modal, [popover=auto]:popover-open') !== null;
  const find = (name: string): Binding | undefined =>
    bound.findLast((binding) => keysOf(binding).includes(name) && (!quiet || binding.always === true));
  const found = find(combined) ?? find(key);
  waitFor('');
  if (found !== undefined) {
    event.preventDefault();
    found.run();
  } else if (!quiet && bound.some((binding) => keysOf(binding).some((name) => name.startsWith(`${key} `)))) {
    waitFor(key);
  }
}

const WAIT_MS = 1200;

function waitFor(key: string): void {
  clearTimeout(waitingTimer);
  waitingFor = key;
  if (key !== '') waitingTimer = setTimeout(() => (waitingFor = ''), WAIT_MS);
}

function nameOf(event: KeyboardEvent): string {
  const modifiers = `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.altKey ? 'alt+' : ''}`;
  return modifiers + (event.key === ' ' ? 'space' : event.key.toLowerCase());
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** How a key is written on a keycap. */
export function keycap(key: string): string {
  const names: Record<string, string> = {
    'ctrl+k': 'Ctrl K',
    'ctrl+enter': 'Ctrl ↵',
    escape: 'Esc',
    arrowleft: '←',
    arrowright: '→',
    arrowup: '↑',
    arrowdown: '↓',
    enter: '↵',
    space: 'Space',
  };
  return (
    names[key] ??
    key
      .split(' ')
      .map((part) => part.toUpperCase())
      .join(' ')
  );
}

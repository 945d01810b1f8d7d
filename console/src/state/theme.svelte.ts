// Light, dark, or as the system has it. The address may name one; the viewer's own choice is kept by the browser.
// src/theme.js does the same before the first paint.

import { go, place } from './place.svelte';

const KEY = 'openrum.theme';

export type ThemeChoice = 'system' | 'light' | 'dark';

function remembered(): ThemeChoice {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}

let chosen = $state<ThemeChoice>(remembered());
const system = matchMedia('(prefers-color-scheme: dark)');
let systemDark = $state(system.matches);
system.addEventListener('change', () => (systemDark = system.matches));

export const theme = {
  /** What was chosen. */
  get choice(): ThemeChoice {
    return place.current.theme || chosen;
  },
  /** What is shown. */
  get shown(): 'light' | 'dark' {
    const choice = theme.choice;
    return choice === 'system' ? (systemDark ? 'dark' : 'light') : choice;
  },
};

/** Choose; the address follows, so that a link shows what its sender saw. */
export function chooseTheme(choice: ThemeChoice): void {
  chosen = choice;
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // A browser that keeps nothing has it in the address.
  }
  go({ theme: choice === 'system' ? '' : choice }, { replace: true });
}

/** Put the theme on the document. Call it once while the shell is set up. */
export function wearTheme(): void {
  $effect(() => {
    const { choice } = theme;
    if (choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  });
}

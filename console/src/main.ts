// Where the console begins. index.html shows its frame meanwhile.

import { mount } from 'svelte';
import App from './App.svelte';
import './design/base.css';
import './design/tokens.css';
import './first.css';
import { place } from './state/place.svelte';
import { findOut } from './state/session.svelte';
import { viewNamed } from './views';

// Both are on their way while the frame is painted: who is here, and the view.
void findOut();
void viewNamed(place.current.view || 'overview')?.load();

function begin(): void {
  const target = document.getElementById('console')!;
  const frame = target.firstElementChild;
  mount(App, { target });
  frame?.remove();
}

// A page that nobody looks at is never painted, and need not wait.
if (document.visibilityState === 'visible') requestAnimationFrame(() => setTimeout(begin));
else begin();

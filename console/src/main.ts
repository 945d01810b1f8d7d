// Where the console begins. index.html shows its frame meanwhile.

import { mount } from 'svelte';
import { readAhead } from './api/http';
import App from './App.svelte';
import './design/base.css';
import './design/tokens.css';
import './first.css';
import { loadMonitors } from './state/monitors.svelte';
import { place } from './state/place.svelte';
import { findOut, session, whenEntered } from './state/session.svelte';
import { viewNamed } from './views';

// Both are on their way while the frame is painted: who is here, and the view. What it will ask is made meanwhile, and asked once the
// former is known: the server works on it while the page is being built. Where that is near, building waits for it, for nothing
// else is heard meanwhile.
const NEAR_MS = 30;
whenEntered(() => void loadMonitors());
const view = viewNamed(place.current.view || 'overview');
const known = findOut();
void view?.load();
const askings = view?.foremost?.() ?? [];
const asked = known.then(() => {
  if (session.state === 'in') for (const asking of askings) if (asking !== null) readAhead(asking.call);
});

function begin(): void {
  const target = document.getElementById('console')!;
  const frame = target.firstElementChild;
  mount(App, { target });
  frame?.remove();
}

function beginSoon(): void {
  void Promise.race([asked, new Promise((resolve) => setTimeout(resolve, NEAR_MS))]).finally(begin);
}

// A page that nobody looks at is never painted, and need not wait.
if (document.visibilityState === 'visible') requestAnimationFrame(() => setTimeout(beginSoon));
else beginSoon();

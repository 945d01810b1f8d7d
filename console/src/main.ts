// Where the console begins. index.html shows its frame meanwhile.

import { mount } from 'svelte';
import App from './App.svelte';
import './design/base.css';
import './design/tokens.css';
import './first.css';
import { loadMonitors } from './state/monitors.svelte';
import { place } from './state/place.svelte';
import { findOut, session, whenEntered } from './state/session.svelte';
import { viewNamed } from './views';

// Both are on their way while the frame is painted: who is here, and the view. Then come its questions: the server works on them
// while the page is being built. Where all that is near, building waits for it, for nothing else is heard meanwhile.
const NEAR_MS = 30;
whenEntered(() => void loadMonitors());
const known = findOut();
const view = viewNamed(place.current.view || 'overview')?.load();
const asked = known.then(async () => {
  if (session.state === 'in') (await view)?.ahead?.();
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

// Where the console begins.

import { mount } from 'svelte';
import App from './App.svelte';
import './design/base.css';
import './design/tokens.css';
import { place } from './state/place.svelte';
import { findOut } from './state/session.svelte';
import { viewNamed } from './views';

// The view loads while the server says who is here.
void findOut();
void viewNamed(place.current.view || 'overview')?.load();
mount(App, { target: document.getElementById('console')! });

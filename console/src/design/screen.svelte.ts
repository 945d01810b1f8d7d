// How wide the screen is, where a height must be known before its content is there.

import { MediaQuery } from 'svelte/reactivity';

const phone = new MediaQuery('max-width: 640px');
const narrow = new MediaQuery('max-width: 1100px');

export const screen = {
  get phone(): boolean {
    return phone.current;
  },
  get narrow(): boolean {
    return narrow.current;
  },
};

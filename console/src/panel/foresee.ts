// Asks ahead of a click: who rests the pointer on a value is likely to click it, and the server may work meanwhile.

import type { Attachment } from 'svelte/attachments';
import { askAhead } from '../state/ask.svelte';
import type { Filter } from '../state/filters';

/** Longer than it takes to pass by, and much shorter than from coming to a thing to clicking it: a third of a second, and more. */
const RESTS_MS = 80;
const TAP_MS = 500;

/** For what a click gives the page other filters: `filters` says which, with Alt held or without. */
export function foresee(filters: (excluding: boolean) => Filter[]): Attachment<HTMLElement> {
  return (element) => {
    let resting: ReturnType<typeof setTimeout> | undefined;
    let giveUp: (() => void) | undefined;

    const begin = (event: PointerEvent): void => {
      clearTimeout(resting);
      giveUp ??= askAhead(filters(event.altKey));
      if (giveUp === undefined) resting = setTimeout(() => begin(event), RESTS_MS);
    };
    const come = (event: PointerEvent): void => {
      if (event.pointerType === 'mouse') resting = setTimeout(() => begin(event), RESTS_MS);
    };
    const leave = (event?: PointerEvent): void => {
      clearTimeout(resting);
      // A finger leaves before its click is told; and a click may take the value away before everything has asked in earnest.
      if (giveUp !== undefined) setTimeout(giveUp, event?.pointerType === 'touch' ? TAP_MS : 0);
      giveUp = undefined;
    };
    element.addEventListener('pointerenter', come);
    element.addEventListener('pointerdown', begin);
    element.addEventListener('pointerleave', leave);
    return () => {
      leave();
      element.removeEventListener('pointerenter', come);
      element.removeEventListener('pointerdown', begin);
      element.removeEventListener('pointerleave', leave);
    };
  };
}

// What somebody is writing and has not saved: while there is any, they are asked before they leave it.

let writing = 0;
let asked = $state.raw<() => void>();

/** Hold the place for as long as the component is there and `unsaved` is true. Call it while the component is set up. */
export function holdWhile(unsaved: () => boolean): void {
  $effect(() => {
    if (!unsaved()) return;
    writing += 1;
    addEventListener('beforeunload', warn);
    return () => {
      writing -= 1;
      removeEventListener('beforeunload', warn);
    };
  });
}

/** The browser asks in its own words, once, however many hold. */
function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** Leave by `leave`: at once, or, where something is unsaved, when the viewer says to discard it. */
export function leaveBy(leave: () => void): void {
  if (writing > 0) asked = leave;
  else leave();
}

/** Whether leaving would lose something. */
export function isUnsaved(): boolean {
  return writing > 0;
}

/** The question, for the shell to put. */
export const leaving = {
  get asked(): boolean {
    return asked !== undefined;
  },
  stay(): void {
    asked = undefined;
  },
  discard(): void {
    const leave = asked;
    asked = undefined;
    leave?.();
  },
};

// What console/classic_script.ts makes at build of painter.ts: how it is loaded. The browser keeps it.

declare module 'virtual:painter' {
  const loadPainter: () => Promise<typeof import('./painter')>;
  export default loadPainter;
}

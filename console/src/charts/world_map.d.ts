// What console/world_map.ts makes at build: the countries as paths.

declare module 'virtual:world-map' {
  export interface Country {
    /** ISO 3166-1, two letters; empty where there is none. */
    code: string;
    path: string;
    /** Its middle. */
    x: number;
    y: number;
    /** Too small to be seen as a shape. */
    speck?: true;
  }

  const world: { left: number; top: number; width: number; height: number; countries: Country[] };
  export default world;
}

// Large code that a page asks for later, built as a plain script in a file of its own, and not as a module. Browsers keep the compiled
// form of what was loaded a few times: Chromium uses that of plain scripts, and reads modules anew each time, which takes it as long as
// half of a view's own work. See docs/decisions/0023.

import { createHash } from 'node:crypto';
import { build, type Plugin, type Rolldown } from 'vite';

const GLOBAL = 'openrum_';

/** The word at the beginning of a script by which V8 compiles all of it at once, beside the page. Other engines read a comment. */
export const COMPILE_AT_ONCE = '//# allFunctionsCalledOnLoad';

interface Options {
  /** The module whose default export loads it: `virtual:<name>`. */
  name: string;
  /** What it is built from, and what is imported in its place while developing. */
  entry: string;
  /** What its sources are sent through. */
  plugins: Plugin[];
}

/** A module whose default export resolves to what `entry` exports; its script is loaded when that is first called. */
export function classicScript({ name, entry, plugins }: Options): Plugin {
  const id = `virtual:${name}`;
  let making = false;
  let target: string | string[] | false;
  return {
    name: `classic-script-${name}`,
    configResolved(config) {
      making = config.command === 'build';
      target = config.build.target;
    },
    resolveId: (asked) => (asked === id ? `\0${id}` : null),
    async load(asked) {
      if (asked !== `\0${id}`) return null;
      if (!making) return `export default () => import(${JSON.stringify(entry)})`;
      const source = await asScript(entry, GLOBAL + name, target, plugins);
      const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
      const file = this.emitFile({ type: 'asset', fileName: `assets/${name}-${hash}.js`, source });
      return loader(`import.meta.ROLLUP_FILE_URL_${file}`, GLOBAL + name);
    },
  };
}

async function asScript(
  entry: string,
  global: string,
  target: string | string[] | false,
  plugins: Plugin[],
): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: 'warn',
    plugins,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, target, reportCompressedSize: false, lib: { entry, name: global, formats: ['iife'] } },
  });
  const [{ output }] = made as [Rolldown.RolldownOutput];
  if (output.length > 1) throw new Error(`${entry} should make one script, and makes ${output.length} files`);
  // Chromium then keeps all of it compiled, and not only what ran while it was loaded: the rest it would compile anew each time.
  return `${COMPILE_AT_ONCE}\n${output[0].code}`;
}

/** The page's policy lets scripts be named by whoever makes them: this one names its own file, whatever it is asked for. */
function loader(url: string, global: string): string {
  return `
    const address = ${url};
    const policy = globalThis.trustedTypes?.createPolicy('${global}', { createScriptURL: () => address });
    let loading;
    export default () => (loading ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = policy?.createScriptURL('') ?? address;
      script.onload = () => resolve(globalThis.${global});
      script.onerror = () => {
        loading = undefined;
        script.remove();
        reject(new Error('could not load ' + address));
      };
      document.head.append(script);
    }));
  `;
}

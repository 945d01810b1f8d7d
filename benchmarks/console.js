// What benchmarks/console.py adds to the console's page: OpenRUM's own client, and the two moments that it cannot know by itself.
// `pace` is what the benchmark says: monitor, release, and the script of the client. As the snippet's asynchronous script does, it lets
// the page be painted first; what it missed the browser has kept for it.
(pace) => {
  if (location.protocol !== 'http:' || window !== top) return;

  const UNFINISHED = 'main [aria-busy=true], main .stale, main .skeleton, main .canvas:empty';
  const told = (window.told = { loads: 0, clicks: 0 });

  window.AwsRumClient = {
    q: [],
    n: 'cwr',
    i: pace.monitor,
    v: pace.release,
    r: 'us-east-1',
    c: { endpoint: location.origin, signing: false, telemetries: ['performance'], allowCookies: false, sessionEventLimit: 0, dispatchInterval: pace.intervalMs },
  };
  window.cwr = (command, payload) => window.AwsRumClient.q.push({ c: command, p: payload });
  new PerformanceObserver((list) => list.getEntriesByName('first-contentful-paint').forEach(pace.client)).observe({
    type: 'paint',
    buffered: true,
  });

  function isInSight(element) {
    const { top, bottom } = element.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  }

  /** Call back with the times of the first frames that show everything in sight, and everything, once the last one is painted. */
  function whenSettled(then) {
    let seen;
    requestAnimationFrame(function look(frame) {
      const unfinished = [...document.querySelectorAll(UNFINISHED)];
      const built = document.querySelector('main section[data-panel]') !== null;
      seen = built && !unfinished.some(isInSight) ? (seen ?? frame) : undefined;
      if (!built || unfinished.length > 0) requestAnimationFrame(look);
      else setTimeout(() => then(performance.now(), seen));
    });
  }

  function scripts(before) {
    const loaded = performance.getEntriesByType('resource').filter(({ name, responseEnd }) => name.endsWith('.js') && responseEnd <= before);
    return loaded.reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0);
  }

  whenSettled((now, seen) => {
    const painted = performance.getEntriesByName('first-contentful-paint')[0].startTime;
    window.cwr('recordEvent', {
      type: 'console_load',
      data: { duration: now, inSight: seen, scriptsBeforePaint: scripts(painted), scripts: scripts(Infinity) },
    });
    told.loads += 1;
  });

  /** What a viewer who leaves brings about, before they leave: the client hears of LCP, INP and CLS by it. */
  told.leave = () => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  };

  addEventListener(
    'click',
    ({ target, timeStamp }) => {
      if (!target.closest('main button[aria-label^="Filter:"]')) return;
      // The state changes once all handlers have run: the frame after the next shows what it leads to.
      requestAnimationFrame(() =>
        whenSettled((now, seen) => {
          window.cwr('recordEvent', { type: 'console_filter', data: { duration: now - timeStamp, inSight: seen - timeStamp } });
          told.clicks += 1;
        }),
      );
    },
    { capture: true },
  );
}

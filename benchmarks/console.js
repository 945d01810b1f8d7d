// What benchmarks/console.py adds to the console's page: OpenRUM's own client, and the two moments that it cannot know by itself.
// `pace` is what the benchmark says: monitor, release, and the client's pace. The client comes in once the overview is complete, for it
// is the console that is measured, which has none; what it missed the browser has kept for it.
(pace) => {
  if (location.protocol !== 'http:' || window !== top) return;

  const UNFINISHED = 'main [aria-busy=true], main .stale, main .skeleton, main .canvas:empty';
  const told = (window.told = { loads: 0, clicks: 0, kind: '' });

  window.AwsRumClient = {
    q: [],
    n: 'cwr',
    i: pace.monitor,
    v: pace.release,
    r: 'us-east-1',
    c: { endpoint: location.origin, signing: false, telemetries: [['performance', { eventLimit: 0 }]], allowCookies: false, sessionEventLimit: 0, dispatchInterval: pace.intervalMs },
  };
  window.cwr = (command, payload) => window.AwsRumClient.q.push({ c: command, p: payload });

  function isInSight(element) {
    const { top, bottom } = element.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  }

  /** Call back with the times of the first frames that show everything in sight, and everything, once the last one is painted.
   * It looks when something has changed, and not at every frame: those would be drawn for it alone. */
  function whenSettled(then) {
    let seen;
    let looking = 0;
    const changes = new MutationObserver(lookSoon);
    changes.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-busy', 'class'] });
    lookSoon();

    function lookSoon() {
      looking ||= requestAnimationFrame(look);
    }

    function look(frame) {
      looking = 0;
      const unfinished = [...document.querySelectorAll(UNFINISHED)];
      if (document.querySelector('main section[data-panel]') === null) return;
      seen = unfinished.some(isInSight) ? undefined : (seen ?? frame);
      if (unfinished.length > 0) return;
      changes.disconnect();
      setTimeout(() => then(performance.now(), seen));
    }
  }

  function scripts(before) {
    const ours = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js') && !name.includes('/client/'));
    const loaded = ours.filter(({ responseEnd }) => responseEnd <= before);
    return loaded.reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0);
  }

  whenSettled((now, seen) => {
    const painted = performance.getEntriesByName('first-contentful-paint')[0].startTime;
    window.cwr('recordEvent', {
      type: 'console_load',
      data: { duration: now, inSight: seen, scriptsBeforePaint: scripts(painted), scripts: scripts(Infinity) },
    });
    // By import, for the console's policy lets nobody add a script element.
    void import('/client/3.x/cwr.js').then(() => (told.loads += 1));
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
          window.cwr('recordEvent', { type: told.kind, data: { duration: now - timeStamp, inSight: seen - timeStamp } });
          told.clicks += 1;
        }),
      );
    },
    { capture: true },
  );
}

// Starts the client as the start page was told. Each button makes the client send some of the types that it can send.
const wanted = JSON.parse(sessionStorage.getItem('wanted'));

const script = document.createElement('script');
script.src = `${wanted.client}.js`;
script.onload = () => {
  const interaction = { events: [{ event: 'click', elementId: 'slow' }], interactionId: () => 'buy' };
  const http = { recordAllRequests: true, addXRayTraceIdHeader: true };
  window.rum = new AwsRum(wanted.monitor, '1.0.0', 'us-east-1', {
    ...wanted.config,
    telemetries: ['performance', 'errors', ['interaction', interaction], ['http', http], ...wanted.telemetries],
    eventPluginsToLoad: [new TTIPlugin()],
  });
  rum.registerDomEvents([{ event: 'click', cssLocator: '[data-action]' }]);
  rum.addSessionAttributes({ seats: 3 });
};
document.head.append(script);

const on = (id, act) => document.querySelector(`#${id}`).addEventListener('click', act);

const xhr = (path, prepare = () => {}) =>
  new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open('GET', new URL(path, location).href);
    prepare(request);
    request.onloadend = done;
    request.send();
  });

const requests = async () => {
  const form = new Headers({ 'content-type': 'application/json' });
  const failing = [
    () => fetch('/status/200'),
    () => fetch('/status/404', { method: 'POST', headers: form, body: '{}' }),
    () => fetch(new Request('/status/429')),
    () => fetch('/status/500'),
    () => fetch('http://localhost:1/'), // a port that no browser goes to
    () => fetch('/late', { signal: AbortSignal.timeout(50) }),
    () => xhr('/status/200'),
    () => xhr('/status/503'),
    () => xhr('http://localhost:1/'),
    () => xhr('/late', (request) => (request.timeout = 50)),
    () => xhr('/late', (request) => setTimeout(() => request.abort(), 50)),
  ];
  for (const request of failing) await request().catch(() => {});
  document.body.dataset.requests = 'done';
};

addEventListener('DOMContentLoaded', () => {
  on('slow', () => {
    const end = performance.now() + 60;
    while (performance.now() < end);
  });
  on('errors', () => {
    setTimeout(() => undefined.price);
    setTimeout(() => {
      throw 'a text was thrown \ud83d'; // half of a pair, as when a text is cut
    });
    Promise.reject(new RangeError('nobody awaits this'));
    Promise.reject('a text was the reason');
    Promise.reject(undefined);
    rum.recordError(new TypeError('recorded as an error'));
    rum.recordError('recorded as a text');
    rum.recordError({ name: 'Shaped', message: 'as an object', fileName: 'a.js', lineNumber: 3, columnNumber: 4 });
  });
  on('requests', requests);
  on('route', () => {
    document.querySelector('#title').textContent = 'Another route';
    const pageAttributes = { title: 'Cart', colour: 'green' };
    rum.recordPageView({ pageId: '/cart', pageTags: ['checkout', 'signed in'], pageAttributes });
  });
  on('custom', () => rum.recordEvent('shop.bought', { sku: 'A-1', price: 9.99, gift: false, tags: ['a', { b: null }] }));
  // Not soon after an input: a shift that follows one does not count.
  setTimeout(() => document.querySelector('#title').style.setProperty('margin-bottom', '200px'), 50);
});

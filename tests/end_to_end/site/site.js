// Starts the client as the query string says, and notes the id of every event that the page hands to the network.
const wanted = JSON.parse(new URLSearchParams(location.search).get('wanted'));

const note = (body) => {
  const sent = JSON.parse(localStorage.getItem('sent') ?? '[]');
  for (const event of JSON.parse(body).RumEvents) sent.push([event.id, event.type]);
  localStorage.setItem('sent', JSON.stringify(sent));
};
const count = (what) => localStorage.setItem(what, 1 + Number(localStorage.getItem(what) ?? 0));

// A batch is a string just once: when it is made. What is made is sent, by fetch, packed or not, or by beacon.
const stringify = JSON.stringify;
JSON.stringify = function (value, ...rest) {
  const text = stringify.call(this, value, ...rest);
  if (value?.RumEvents && value?.BatchId) note(text);
  return text;
};
const beacon = navigator.sendBeacon.bind(navigator);
navigator.sendBeacon = (url, body) => {
  count('beacons');
  return beacon(url, body);
};
const plainFetch = window.fetch.bind(window);
window.fetch = (resource, options) => {
  const headers = resource instanceof Request ? resource.headers : new Headers(options?.headers);
  if (headers.get('content-encoding') === 'gzip') count('packed');
  return plainFetch(resource, options);
};

const script = document.createElement('script');
script.src = `${wanted.client}.js`;
script.onload = () => {
  window.rum = new AwsRum(wanted.monitor, '1.0.0', 'us-east-1', wanted.config);
  if (wanted.credentials) rum.setAwsCredentials(wanted.credentials);
};
document.head.append(script);

addEventListener('DOMContentLoaded', () => {
  document.querySelector('#slow').addEventListener('click', () => {
    const end = performance.now() + 60;
    while (performance.now() < end);
    rum.recordEvent('shop.slow', { pressed: true, text: 'ü'.repeat(1500) });
  });
  document.querySelector('#error').addEventListener('click', () => {
    throw new Error('the button failed');
  });
  // Not soon after an input: a shift that follows one does not count.
  setTimeout(() => document.querySelector('h1').style.setProperty('margin-bottom', '200px'), 50);
});

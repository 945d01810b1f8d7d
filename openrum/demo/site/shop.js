// The shop misbehaves when it is asked to, and shows what OpenRUM has of it. Text nodes only.
const actions = {
  error() {
    throw new TypeError("Cannot read properties of undefined (reading 'total')");
  },
  slow(button) {
    const end = performance.now() + 350;
    while (performance.now() < end);
    button.textContent = 'That took a while';
  },
  missing: () => fetch('/demo/api/baskets/4711'),
  broken: () => fetch('/demo/api/stock', { method: 'POST' }),
  cut() {
    const given = new AbortController();
    setTimeout(() => given.abort(), 50);
    return fetch('/demo/api/recommendations', { signal: given.signal }).catch(() => {});
  },
  event: () => cwr('recordEvent', { type: 'shop.wish', data: { page: location.pathname, wish: 'a larger mug' } }),
  shift: () => setTimeout(() => (document.querySelector('#offers').hidden = false), 600),
};

for (const button of document.querySelectorAll('[data-do]')) {
  button.addEventListener('click', () => actions[button.dataset.do](button));
}

for (const button of document.querySelectorAll('[data-buy]')) {
  button.addEventListener('click', () => {
    cwr('recordEvent', { type: 'shop.basket', data: { product: button.dataset.buy } });
    button.textContent = 'In your basket';
  });
}

fetch('/demo/api/recommendations').catch(() => {});

const session = () => {
  const cookie = document.cookie.split('; ').find((each) => each.startsWith('cwr_s='));
  try {
    return JSON.parse(atob(decodeURIComponent(cookie.slice(6)))).sessionId;
  } catch {
    return undefined;
  }
};

const show = async () => {
  const id = session();
  if (!id || document.hidden) return;
  const answer = await fetch(`/demo/live?session=${encodeURIComponent(id)}`);
  if (!answer.ok) return;
  const { rows } = await answer.json();
  if (rows.length === 0) return;
  const body = document.createElement('tbody');
  for (const [type, count] of rows) {
    const row = body.insertRow();
    row.insertCell().textContent = type;
    row.insertCell().textContent = count;
  }
  document.querySelector('#live tbody').replaceWith(body);
};
setInterval(() => show().catch(() => {}), 1000);

// Who is here, asked before any other script has come: nothing else can be asked until that is known. http.ts takes the answer for the
// call that asks first.
(function () {
  var headers = { accept: 'application/json', 'x-openrum-console': '1' };
  window.openrumEarly = fetch('/api/v1/me', { headers: headers, credentials: 'same-origin' });
  window.openrumEarly.catch(function () {}); // who takes it is told
})();

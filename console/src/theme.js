// Before the first paint: the theme of the address, else the one chosen last, else the system's (no attribute).
(function () {
  var asked = new URLSearchParams(location.search).get('theme');
  try {
    asked = asked || localStorage.getItem('openrum.theme');
  } catch {
    // A browser that keeps nothing follows the system.
  }
  if (asked === 'light' || asked === 'dark') document.documentElement.dataset.theme = asked;
})();

// The snippet of CloudWatch RUM's own documentation, with this server's endpoint. It loads the real web client.
(function (n, i, v, r, s, c, x, z) {
  x = window.AwsRumClient = { q: [], n: n, i: i, v: v, r: r, c: c };
  window[n] = function (c, p) {
    x.q.push({ c: c, p: p });
  };
  z = document.createElement('script');
  z.async = true;
  z.src = s;
  document.head.insertBefore(z, document.head.getElementsByTagName('script')[0]);
})('cwr', window.demoMonitor.id, '1.5.0', window.demoMonitor.region, '/client/3.x/cwr.js', {
  sessionSampleRate: 1,
  endpoint: location.origin,
  signing: false,
  telemetries: ['performance', 'errors', ['http', { recordAllRequests: true, urlsToExclude: [/demo\/live/, /appmonitors/] }], 'replay'],
  allowCookies: true,
  cookieAttributes: { secure: location.protocol === 'https:' },
  sessionEventLimit: 0,
  dispatchInterval: 1000,
  releaseId: '1.5.0',
});

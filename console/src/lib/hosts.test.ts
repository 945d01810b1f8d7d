import { expect, test } from 'vitest';
import { hostOf, hostsOf, nameOf } from './hosts';

test.each([
  ['https://www.Shop.example.com/path?x=1#y', 'www.shop.example.com'],
  ['shop.example:8080', 'shop.example'],
  ['http://localhost:3000', 'localhost'],
  [' *.shop.example ', '*.shop.example'],
  ['https://ann:secret@shop.example/', 'shop.example'],
])('what was pasted is the host in it: %s', (text, host) => {
  expect(hostOf(text)).toBe(host);
});

test.each([
  ['www.shop.example', 'shop.example'],
  ['*.shop.example', 'shop.example'],
  ['shop.*', 'shop'],
  ['localhost', 'localhost'],
])('a monitor is called after its host: %s', (host, name) => {
  expect(nameOf(host)).toBe(name);
});

test.each([
  ['', []],
  ['shop.example, https://www.shop.example/', ['shop.example', 'www.shop.example']],
  ['http://localhost:3000/start', ['localhost', '127.0.0.1']],
  ['127.0.0.1', ['127.0.0.1', 'localhost']],
  ['localhost shop.example', ['localhost', 'shop.example']],
])('a line of hosts is all of them, and the own machine by both its names: %s', (text, hosts) => {
  expect(hostsOf(text)).toEqual(hosts);
});

import { expect, test } from 'vitest';
import { hostOf, nameOf } from './hosts';

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

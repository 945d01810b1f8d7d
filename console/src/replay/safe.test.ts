// What strangers record must not ask for anything when it is shown.
import { expect, test } from 'vitest';
import { attributeOf, byDay, elementName, loads } from './safe';

const PICTURE = 'data:image/png;base64,AAAA';

test('what runs, loads or leads elsewhere is replaced by an element that does nothing', () => {
  for (const name of [
    'script',
    'SCRIPT',
    'iframe',
    'object',
    'embed',
    'base',
    'meta',
    'link',
    'style',
    'animate',
    'set',
  ])
    expect(elementName(name), name).toMatch(/^replay-/);
  for (const name of ['div', 'img', 'svg', 'video', 'my-element', 'constructor']) expect(elementName(name)).toBe(name);
});

test.each([
  ['div', 'onclick', 'alert(1)'],
  ['svg', 'OnLoad', 'alert(1)'],
  ['img', 'src', 'https://evil.example/x.png'],
  ['img', 'srcset', 'https://evil.example/x.png 2x'],
  ['img', 'src', 'data:text/html,<script>1</script>'],
  ['input', 'src', PICTURE],
  ['video', 'poster', PICTURE],
  ['form', 'action', 'https://evil.example'],
  ['button', 'formaction', 'javascript:1'],
  ['body', 'background', 'https://evil.example/x.png'],
  ['use', 'href', 'https://evil.example/x.svg#a'],
  ['image', 'xlink:href', 'https://evil.example/x.svg'],
  ['rect', 'fill', 'url(https://evil.example/x.svg#a)'],
  ['rect', 'filter', "URL( 'https://evil.example/x.svg#a')"],
])('%s %s="%s" is not shown', (element, name, value) => {
  expect(attributeOf(element, name, value)).toBeNull();
});

test('what a page looks like stays', () => {
  expect(attributeOf('div', 'class', 'card')).toBe('card');
  expect(attributeOf('img', 'src', PICTURE)).toBe(PICTURE);
  expect(attributeOf('use', 'href', '#pot')).toBe('#pot');
  expect(attributeOf('rect', 'fill', 'url(#glaze)')).toBe('url(#glaze)');
  expect(attributeOf('a', 'href', 'https://shop.example/')).toBe('about:blank');
});

test('a page is shown by day, whatever the viewer has', () => {
  const css = ':root { color-scheme: light dark } @media (prefers-color-scheme: dark) { body { color: white } }';
  expect(byDay(css)).toBe(':root { color-scheme: light } @media (width < 0px) { body { color: white } }');
});

test('a style that loads is told from one that does not', () => {
  expect(loads('color: red; background: url("data:image/png;base64,AAAA"); fill: url("#a")')).toBe(false);
  for (const css of ['url("https://evil.example")', 'url(x.png)', 'image-set("x.png" 1x)', '@import "x.css"'])
    expect(loads(css), css).toBe(true);
});

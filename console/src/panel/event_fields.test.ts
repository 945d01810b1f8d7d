import { expect, test } from 'vitest';
import { fieldsOf } from './event_fields';

test('details become lines, spans in units and sizes in bytes', () => {
  const details = {
    version: '1.0.0',
    value: 2155.5,
    attribution: { element: 'img.hero', resourceLoadDelay: 427.8 },
  };
  expect(fieldsOf('largest_contentful_paint_event', details)).toEqual([
    { name: 'Value', text: '2.16 s' },
    { name: 'Element', text: 'img.hero' },
    { name: 'Resource load delay', text: '428 ms' },
  ]);
  expect(fieldsOf('performance_resource_event', { transferSize: 171762, duration: 162.9 })).toEqual([
    { name: 'Transfer size', text: '172 kB' },
    { name: 'Duration', text: '163 ms' },
  ]);
});

test('numbers that are no spans stay numbers', () => {
  expect(fieldsOf('cumulative_layout_shift_event', { value: 0.0621 })).toEqual([{ name: 'Value', text: '0.062' }]);
  expect(fieldsOf('http_event', { response: { status: 409 } })).toEqual([{ name: 'Response status', text: '409' }]);
  expect(fieldsOf('shop.checkout', { total: 49.5 })).toEqual([{ name: 'Total', text: '49.5' }]);
});

test('what is not there has no line, and lists are as they were sent', () => {
  expect(fieldsOf('shop.checkout', null)).toEqual([]);
  expect(fieldsOf('shop.checkout', { empty: null, items: [1, '<b>'] })).toEqual([{ name: 'Items', text: '[1,"<b>"]' }]);
});

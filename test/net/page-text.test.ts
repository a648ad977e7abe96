import { expect, test } from 'vitest'
import { pageText } from '../../src/net/page-text.ts'

test.each([
  ['<!DOCTYPE html>\n<html><head><TITLE lang="en">\n 404  Not Found</TITLE></head><body>x', '404 Not Found'],
  ['<html><head><title></title><style>p { }</style></head><body><h1>Busy</h1>\n<p>try <b>later</b>', 'Busy try later'],
  [`<p>${'long '.repeat(100)}`, 'long '.repeat(40)],
  ['<html>', ''],
  // No page.
  ['{"detail": "<html>"}', '{"detail": "<html>"}'],
  ['no model <m> here', 'no model <m> here'],
  ['<Error><Code>NoSuchKey</Code></Error>', '<Error><Code>NoSuchKey</Code></Error>'],
  ['', ''],
])('%j says %j', (body, text) => {
  expect(pageText(body)).toBe(text)
})

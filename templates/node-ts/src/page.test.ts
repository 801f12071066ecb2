import assert from 'node:assert/strict'
import { test } from 'node:test'
import { page } from './page.js'

test('greets by name', () => {
  assert.match(page('Ada'), /Hello, Ada/)
})

test('a name is text, not HTML', () => {
  assert.doesNotMatch(page('<script>'), /<script>/)
})

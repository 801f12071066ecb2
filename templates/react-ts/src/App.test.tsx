import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { App } from './App'

test('the page says hello', () => {
  expect(renderToString(<App />)).toContain('Hello')
})

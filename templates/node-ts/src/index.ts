import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { page } from './page.js'

const port = Number(process.env.PORT ?? 3000)
const style = readFileSync(new URL('../style.css', import.meta.url))

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')

  if (url.pathname === '/') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(page(url.searchParams.get('name') || 'TypeScript'))
  } else if (url.pathname === '/style.css') {
    response.setHeader('Content-Type', 'text/css; charset=utf-8')
    response.end(style)
  } else {
    response.statusCode = 404
    response.end('Not found\n')
  }
})

server.listen(port, '127.0.0.1', () => console.log(`Listening on http://localhost:${port}`))

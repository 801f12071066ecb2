// Serves this folder and tells the page to reload when a file changes.
import { createReadStream, existsSync, statSync, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const port = process.env.PORT ?? 8080
const root = import.meta.dirname
const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
}
const reload = `<script>new EventSource('/.reload').onmessage = () => location.reload()</script>`
const pages = new Set()

watch(root, { recursive: true }, () => {
  for (const page of pages) page.write('data: changed\n\n')
})

const server = createServer(async (request, response) => {
  let path = new URL(request.url, 'http://localhost').pathname
  try {
    path = decodeURIComponent(path)
  } catch {
    // Not percent-encoded: the name is meant as it is.
  }

  if (path === '/.reload') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(': connected\n\n')
    pages.add(response)
    response.on('close', () => pages.delete(response))
    return
  }

  let file = join(root, normalize(path))
  if (existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html')
  if (!existsSync(file)) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end(`There is no ${path}\n`)
    return
  }

  const type = types[extname(file)] ?? 'application/octet-stream'
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' })
  if (extname(file) === '.html') response.end((await readFile(file, 'utf8')) + reload)
  else createReadStream(file).pipe(response)
})

server.listen(port, '127.0.0.1', () => console.log(`Listening on http://localhost:${port}`))

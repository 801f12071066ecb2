const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

export const page = (name) => `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>Node.js</title>
  <link rel="stylesheet" href="/style.css">
  <main>
    <h1>Hello, ${escape(name)}</h1>
    <p>Edit <code>page.js</code> or <code>index.js</code>: the server starts again by itself. Then reload this page.</p>
    <form>
      <input name="name" placeholder="Your name" aria-label="Your name">
      <button>Greet me</button>
    </form>
  </main>
</html>
`

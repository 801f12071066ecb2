import { useState } from 'react'

export function App() {
  const [count, setCount] = useState(0)

  return (
    <main>
      <h1>Hello, React</h1>
      <p>
        Edit <code>src/App.tsx</code>: the page follows while you type, and the counter keeps its count.
      </p>
      <button onClick={() => setCount(count + 1)}>Clicked {count} times</button>
    </main>
  )
}

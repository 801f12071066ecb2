// Prints random cases with CodeMirror's answers, one JSON object a line. Each line of standard input is a batch: "seed count".
// Texts travel as change sets of an empty document, whose JSON can say every text.
import { once } from "node:events"
import { createInterface } from "node:readline"
import { rebaseUpdates } from "@codemirror/collab"
import { ChangeSet, Text } from "@codemirror/state"

let state = 1

/** A number in [0, bound), by xorshift: the same seed gives the same cases everywhere. */
function below(bound) {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % bound
}

const pieces = ["a", "b", "xyz", " ", "\n", "\n\n", "line\n", "\r", "\t", "\"", "\\", "\u0000", "é", "€", "😀", "\ud83d", "\ude00", "\u2028"]

function randomText(most) {
  let text = ""
  for (let n = below(most + 1); n > 0; n--) text += pieces[below(pieces.length)]
  return Text.of(text.split("\n"))
}

/** Every way the page makes them: one or many changes, out of order, overlapping, at one place, replacing everything. */
function randomChanges(length) {
  if (below(20) == 0) return ChangeSet.empty(length)
  if (below(20) == 0) return ChangeSet.of({ from: 0, to: length, insert: randomText(6) }, length)
  const specs = []
  for (let n = 1 + below(4); n > 0; n--) {
    const from = below(length + 1)
    const to = below(2) ? from : Math.min(length, from + below(8))
    specs.push({ from, to, insert: below(4) ? randomText(4) : Text.empty })
  }
  return ChangeSet.of(specs, length)
}

function asJson(text) {
  return ChangeSet.of({ from: 0, insert: text }, 0).toJSON()
}

/** A change made of several composed ones has sections that a single one never has. */
function grownChanges(length) {
  let changes = randomChanges(length)
  for (let n = below(3); n > 0; n--) changes = changes.compose(randomChanges(changes.newLength))
  return changes
}

function algebra() {
  const doc = below(10) ? randomText(24) : Text.empty
  const a = grownChanges(doc.length), beside = grownChanges(doc.length), after = grownChanges(a.newLength)
  const position = below(doc.length + 1)
  return {
    doc: asJson(doc), a, beside, after,
    applied: asJson(a.apply(doc)),
    composed: a.compose(after),
    mapped: a.map(beside), mappedBefore: a.map(beside, true),
    inverted: a.invert(doc),
    position, left: a.mapPos(position, -1), right: a.mapPos(position, 1),
    desc: String(a.composeDesc(after)), mappedDesc: String(a.desc.mapDesc(beside, true)),
  }
}

/** One after the other, as pages receive them: `rebaseUpdates` composes what it is given, and then pages and runner differ. */
function rebaseInTurn(updates, over) {
  return over.reduce((left, update) => rebaseUpdates(left, [update]), updates)
}

function rebase() {
  const length = randomText(12).length
  const updates = []
  let end = length
  for (let n = 1 + below(4); n > 0; n--) {
    const changes = grownChanges(end)
    updates.push({ clientID: "me", sequence: updates.length + 1, changes })
    end = changes.newLength
  }
  const over = []
  let accepted = 0, now = length
  for (let n = below(6); n > 0; n--) {
    let update = { clientID: "other", sequence: n, changes: grownChanges(now) }
    if (accepted < updates.length && below(2)) {
      update = { ...rebaseInTurn(updates.slice(0, accepted + 1), over)[0], sequence: accepted + 1 }
      accepted++
    }
    over.push(update)
    now = update.changes.newLength
  }
  return { updates, over, rebased: rebaseInTurn(updates, over).map(update => update.changes) }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [seed, count] = line.split(" ").map(Number)
  state = seed | 0 || 1
  let lines = []
  for (let i = 0; i < count; i++) {
    lines.push(JSON.stringify(below(8) ? algebra() : rebase()))
    if (lines.length == 500 || i == count - 1) {
      if (!process.stdout.write(lines.join("\n") + "\n")) await once(process.stdout, "drain")
      lines = []
    }
  }
}

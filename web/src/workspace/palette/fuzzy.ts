/** A text that holds the letters of a query in order: how well, and where. */
export type Hit = { score: number; positions: readonly number[] };

const atStart = 8;
const consecutive = 9;
const sameCase = 1;
const never = -1e9;

/** Longest query and text that are compared letter by letter. */
const maxQuery = 64;
const maxText = 256;

function letterScore(text: string, at: number): number {
  const before = text[at - 1];
  if (before === undefined || "/.-_ ".includes(before)) return atStart;
  const here = text[at] ?? "";
  return here !== here.toLowerCase() && before === before.toLowerCase() ? atStart : 0;
}

/**
 * The best way to place the letters of `query` (any case) in `text`: those that begin a word or follow each other count more.
 * Words of the query may stand in any order. Null when a letter is missing.
 */
export function fuzzy(query: string, text: string): Hit | null {
  let score = 0;
  const positions: number[] = [];
  for (const word of query.split(/\s+/)) {
    if (word === "") continue;
    const hit = fuzzyWord(word.slice(0, maxQuery), text.slice(0, maxText));
    if (hit === null) return null;
    score += hit.score;
    positions.push(...hit.positions);
  }
  return { score, positions };
}

function fuzzyWord(word: string, text: string): Hit | null {
  const letters = word.toLowerCase();
  const lower = text.toLowerCase();
  // best[q][i]: the best score with letter q at i; from[q][i]: where letter q - 1 stood then.
  const best: number[][] = [];
  const from: number[][] = [];
  for (let q = 0; q < letters.length; q++) {
    const row: number[] = [];
    const back: number[] = [];
    const above = best[q - 1];
    let before = q === 0 ? 0 : never;
    let beforeAt = -1;
    for (let i = 0; i < lower.length; i++) {
      let score = never;
      let at = beforeAt;
      if (lower[i] === letters[q]) {
        score = before;
        const after = above && i > 0 ? (above[i - 1] ?? never) + consecutive : never;
        if (after > score) {
          score = after;
          at = i - 1;
        }
        if (score > never / 2) score += letterScore(text, i) + (text[i] === word[q] ? sameCase : 0);
      }
      row.push(score);
      back.push(at);
      const passed = above && i > 0 ? (above[i - 1] ?? never) : never;
      if (passed > before) {
        before = passed;
        beforeAt = i - 1;
      }
    }
    best.push(row);
    from.push(back);
  }
  const end = best.at(-1) ?? [];
  let at = -1;
  end.forEach((score, i) => {
    if (score > (end[at] ?? never / 2)) at = i;
  });
  if (at < 0) return null;
  const positions: number[] = [];
  const score = end[at] ?? 0;
  for (let q = letters.length - 1; q >= 0; q--) {
    positions.unshift(at);
    at = from[q]?.[at] ?? -1;
  }
  return { score, positions };
}

/** How much the file's own name counts over its folders. */
const inName = 20;

/** As {@link fuzzy}, for a path: a query that fits the file's name alone is better than one that needs the folders. */
export function fuzzyPath(query: string, path: string): Hit | null {
  const start = path.lastIndexOf("/") + 1;
  const name = fuzzy(query, path.slice(start));
  if (name) {
    const whole = path.slice(start).toLowerCase().startsWith(query.toLowerCase()) ? inName : 0;
    return { score: name.score + inName + whole, positions: name.positions.map((at) => at + start) };
  }
  return fuzzy(query, path);
}

/** A query such as `app.ts:12:5`, in its parts. */
export function placeOf(typed: string): { query: string; line?: number; column?: number } {
  const found = /^(.*?)[:#(](\d+)(?:[:,](\d+))?\)?$/.exec(typed);
  if (!found) return { query: typed.replace(/[:#(]$/, "") };
  const [, query = "", line, column] = found;
  return { query, line: Number(line), ...(column !== undefined && { column: Number(column) }) };
}

// The real xterm.js without a page: what it shows after a terminal's life, and after its restore.
// Reads JSON lines {"steps":[{"columns","rows","bytes":base64}], "columns","rows"}: a step sets a size and draws bytes.
// Writes a JSON line for each: the screens cell by cell, with the cursor.
import { createInterface } from "node:readline";
import headless from "@xterm/headless";

const { Terminal } = headless;

/** Text, width and look of each cell; rows of the scrollback too when asked for. */
function shown(terminal, scrollback) {
  const core = terminal._core;
  const buffer = terminal.buffer.active;
  const rows = [];
  const cell = buffer.getNullCell();
  for (let y = scrollback ? 0 : buffer.baseY; y < buffer.baseY + terminal.rows; y++) {
    const line = buffer.getLine(y);
    // Whether the first row goes on from one that is not shown, nobody sees.
    let text = line.isWrapped && rows.length > 0 ? "↪" : "";
    for (let x = 0; x < terminal.cols; x++) {
      line.getCell(x, cell);
      // Nothing and a space look the same.
      const colours = [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor()];
      const look = [...colours, cell.fg >>> 26, (cell.bg & ~0x10000000) >>> 26].join();
      text += `${cell.getWidth() === 0 ? "" : cell.getChars() || " "}${look === "0,-1,0,-1,0,0" ? "" : `{${look}}`}`;
    }
    rows.push(text.trimEnd());
  }
  const service = core.coreService;
  return {
    rows,
    type: buffer.type,
    cursor: [buffer.cursorX, buffer.cursorY],
    hidden: service.isCursorHidden,
    modes: JSON.stringify([service.modes, service.decPrivateModes.origin, service.decPrivateModes.wraparound,
      service.decPrivateModes.bracketedPasteMode, service.decPrivateModes.applicationCursorKeys]),
  };
}

// Some random output is too much for xterm.js itself: then there is nothing to compare with.
let broken = () => undefined;
process.on("uncaughtException", () => broken());

for await (const line of createInterface({ input: process.stdin })) {
  const { steps, columns, rows, scrollback } = JSON.parse(line);
  const terminal = new Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  const draw = async () => {
    for (const step of steps) {
      terminal.resize(step.columns, step.rows);
      await new Promise((done) => terminal.write(Buffer.from(step.bytes, "base64"), done));
    }
    return shown(terminal, scrollback);
  };
  const failed = new Promise((done) => (broken = () => done({ failed: true })));
  const answer = await Promise.race([draw().catch(() => ({ failed: true })), failed]);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  if (answer.failed === undefined) terminal.dispose();
}

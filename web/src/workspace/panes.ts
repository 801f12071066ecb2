/** What can take the focus in a pane, best first: the text, the screen, the list, then the first control. */
const wanted = [
  ".cm-content",
  ".xterm-helper-textarea",
  "[role=tree]",
  "[role=search] input",
  "button, input, a[href]",
];

/**
 * Moves the focus to the next pane that is shown, or the one before it, round the end: the bar above, the side bar, editor, terminal, output.
 * A terminal keeps Tab to itself, so this is how the keyboard alone gets out of it.
 */
export function focusPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("header, main section[aria-label]")].filter(
    (pane) => pane.offsetParent !== null,
  );
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const start = at < 0 && step === -1 ? 0 : at;
  for (let i = 1; i <= panes.length; i++) {
    const pane = panes[(start + step * i + panes.length * 2) % panes.length];
    const target = pane && focusable(pane);
    if (!target) continue;
    target.focus();
    return;
  }
}

function focusable(pane: HTMLElement): HTMLElement | null {
  for (const selector of wanted) {
    for (const one of pane.querySelectorAll<HTMLElement>(selector)) {
      if (one.matches(":disabled, [aria-disabled=true]")) continue;
      if (one.matches(".xterm-helper-textarea") || one.offsetParent !== null) return one;
    }
  }
  return null;
}

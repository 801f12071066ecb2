let typed = "";

/** Stands in for the palette while its code comes: what is typed meanwhile is meant for it, not for the text below. */
export function TypedAhead() {
  return (
    <input
      aria-label="Find"
      autoFocus
      autoComplete="off"
      className="fixed top-[10vh] left-1/2 size-px opacity-0"
      onChange={(event) => {
        typed = event.target.value;
      }}
    />
  );
}

/** What was typed before the palette was there, once. */
export function takeTypedAhead(): string {
  const taken = typed;
  typed = "";
  return taken;
}

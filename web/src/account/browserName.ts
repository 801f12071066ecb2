const browsers: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];

const systems: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** What a person calls the browser that names itself so. */
export function browserName(agent: string): string {
  const name = (of: [RegExp, string][]) => of.find(([pattern]) => pattern.test(agent))?.[1];
  const system = name(systems);
  const own = /^[^ /]+/.exec(agent)?.[0] ?? "A browser";
  return `${name(browsers) ?? own}${system ? ` on ${system}` : ""}`;
}

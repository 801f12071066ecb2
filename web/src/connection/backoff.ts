const first = 200;
const longest = 10_000;

/**
 * Milliseconds to wait before a try: doubling from 0.2 s to 10 s, less up to half of it by chance, so that pages
 * which lost the same runner do not come back in one moment.
 * @param failures tries that failed in a row, from 0.
 * @param chance from 0 to 1.
 */
export function backoff(failures: number, chance: number): number {
  const whole = Math.min(longest, first * 2 ** Math.min(failures, 10));
  return Math.round(whole * (1 - chance / 2));
}

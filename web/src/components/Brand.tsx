import { cn } from "./cn";

/** The drop: water falling into a prompt. */
export function DropMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 20 20" aria-hidden className={cn("size-5 text-brand", className)}>
      <path
        fill="currentColor"
        d="M10 1.2c.3 0 .6.14.78.4 2.9 3.9 5.37 6.9 5.37 10.4A6.15 6.15 0 0 1 10 18.3 6.15 6.15 0 0 1 3.85 12c0-3.5
          2.47-6.5 5.37-10.4.18-.26.48-.4.78-.4Z"
      />
      <path
        fill="none"
        stroke="var(--background)"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
        d="m7.6 9.6 2.3 2.2-2.3 2.2M11.2 14h1.9"
      />
    </svg>
  );
}

export function Wordmark({ className }: { className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-1.5 text-[0.9375rem] font-semibold tracking-tight", className)}>
      <DropMark />
      <span>
        drop<span className="text-brand">.</span>it
      </span>
    </span>
  );
}

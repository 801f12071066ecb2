import type { ReactNode } from "react";
import { cn } from "./cn";

const text = { fontFamily: "var(--font-sans)", fontWeight: 700, textAnchor: "middle" } as const;
const hexagon = "M12 1.6 21 6.8v10.4l-9 5.2-9-5.2V6.8Z";

/** Marks that recall each stack, drawn for 24 x 24. */
const marks: Record<string, ReactNode> = {
  "react-ts": (
    <g fill="none" stroke="#1697b8" strokeWidth="1.3">
      <circle cx="12" cy="12" r="1.9" fill="#1697b8" stroke="none" />
      <ellipse cx="12" cy="12" rx="10" ry="3.9" />
      <ellipse cx="12" cy="12" rx="10" ry="3.9" transform="rotate(60 12 12)" />
      <ellipse cx="12" cy="12" rx="10" ry="3.9" transform="rotate(120 12 12)" />
    </g>
  ),
  "node-ts": (
    <>
      <rect x="2" y="2" width="20" height="20" rx="4" fill="#2f74c0" />
      <text x="12.5" y="17.6" fontSize="10.5" fill="#fff" {...text}>
        TS
      </text>
    </>
  ),
  node: (
    <>
      <path d={hexagon} fill="#3c873a" />
      <text x="12" y="15.8" fontSize="9.5" fill="#fff" {...text}>
        JS
      </text>
    </>
  ),
  "python-flask": (
    <>
      <path
        fill="#3776ab"
        d="M12 2C8.6 2 7.2 3.2 7.2 5.1v2.3h5v.8H5.4C3.3 8.2 2 9.7 2 12.3s1.2 4 3 4h1.8v-2.4c0-1.9 1.5-3.3 3.4-3.3h4.4c1.5
          0 2.6-1.2 2.6-2.7V5.1C17.2 3.2 15.4 2 12 2Zm-2.6 1.7a1 1 0 1 1 0 2 1 1 0 0 1 0-2Z"
      />
      <path
        fill="#e8b62c"
        transform="rotate(180 12 12)"
        d="M12 2C8.6 2 7.2 3.2 7.2 5.1v2.3h5v.8H5.4C3.3 8.2 2 9.7 2 12.3s1.2 4 3 4h1.8v-2.4c0-1.9 1.5-3.3 3.4-3.3h4.4c1.5
          0 2.6-1.2 2.6-2.7V5.1C17.2 3.2 15.4 2 12 2Zm-2.6 1.7a1 1 0 1 1 0 2 1 1 0 0 1 0-2Z"
      />
    </>
  ),
  go: (
    <g fill="#0095b6">
      <text x="14" y="16.8" fontSize="14" fontStyle="italic" {...text}>
        Go
      </text>
      <path d="M1.4 9.2h4v1.3h-4zM0 11.9h4.2v1.3H0zM2 14.6h2.4v1.3H2z" />
    </g>
  ),
  cpp: (
    <>
      <path d={hexagon} fill="#1f5f9e" />
      <text x="12" y="15" fontSize="7.6" fill="#fff" {...text}>
        C++
      </text>
    </>
  ),
  csharp: (
    <>
      <path d={hexagon} fill="#7a3fa8" />
      <text x="12" y="15.8" fontSize="10" fill="#fff" {...text}>
        C#
      </text>
    </>
  ),
  static: (
    <>
      <path d="M3.2 2h17.6l-1.6 17.6L12 22l-7.2-2.4Z" fill="#dd5a2b" />
      <path
        d="m9.6 8.4-3 3.1 3 3.1M14.4 8.4l3 3.1-3 3.1"
        fill="none"
        stroke="#fff"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  empty: (
    <g fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" className="text-muted-foreground">
      <rect x="3" y="3" width="18" height="18" rx="4" strokeDasharray="3.2 3" />
      <path d="M12 8.5v7M8.5 12h7" />
    </g>
  ),
};

/** The mark of a stack by its id; a stack that nobody drew one for gets the first letters of its id. */
export function StackIcon({ stack, className }: { stack: string; className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden className={cn("size-6 shrink-0", className)}>
      {marks[stack] ?? (
        <>
          <rect x="2" y="2" width="20" height="20" rx="5" fill="var(--muted-foreground)" />
          <text x="12" y="16" fontSize="10" fill="var(--background)" {...text}>
            {stack.slice(0, 2)}
          </text>
        </>
      )}
    </svg>
  );
}

/** An answer that is not what was asked for. `message` is a sentence for the user; `status` 0: no answer came. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Init = {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
  /** Goes on when the page is left; the body is small then. */
  keepalive?: boolean;
};

declare global {
  /** What start.js asked before the page's code was there, by method and path. */
  var dropitAsked: Record<string, Promise<Response>> | undefined;
}

/**
 * An answer that was asked for at the very start; once only, for it grows old. A refusal is none: who was not signed in
 * then may be now.
 */
async function alreadyAsked(method: string, path: string): Promise<Response | null> {
  const key = `${method} ${path}`;
  const answer = globalThis.dropitAsked?.[key];
  if (!answer) return null;
  delete globalThis.dropitAsked?.[key];
  return answer.then(
    (response) => (response.ok ? response : null),
    () => null,
  );
}

/** Asks control. JSON both ways; an empty answer gives undefined. */
export async function request<T>(
  path: string,
  { method = "GET", body, signal, keepalive = false }: Init = {},
): Promise<T> {
  let response: Response;
  try {
    response =
      (await alreadyAsked(method, path)) ??
      (await fetch(path, {
        method,
        keepalive,
        credentials: "same-origin",
        headers: body === undefined ? {} : { "Content-Type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      }));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "The server does not answer. Check that drop.it is running, then try again.");
  }
  if (!response.ok) throw new ApiError(response.status, await sentence(response));
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** What an answer that is not the one asked for says, for the user. */
export async function sentence(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as { detail?: string; title?: string };
    const said = problem.detail ?? problem.title;
    if (said) return said;
  } catch {
    // Not JSON: something between us and the server answered.
  }
  return response.status === 401
    ? "You are signed out. Run ./dropit signin for a new link."
    : `The server answered with ${response.status} ${response.statusText}.`;
}

/** The sentence to show for anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

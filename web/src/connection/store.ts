import { useSyncExternalStore } from "react";

/** A value that changes and tells who listens. `get` answers the same object until it changed. */
export interface Store<T> {
  readonly get: () => T;
  /** Calls `listener` after each change, until the function that it returns is called. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** A {@link Store} with its owner's side: `set` tells the listeners when the value is another one. */
export class Value<T> implements Store<T> {
  private value: T;
  private readonly listeners = new Set<() => void>();

  constructor(value: T) {
    this.value = value;
  }

  readonly get = (): T => this.value;

  readonly subscribe = (listener: () => void): (() => void) => {
    // A wrapper of its own, so that one function subscribed twice is told twice and may leave twice.
    const entry = () => listener();
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  };

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener();
  }
}

/** The store's value, in a component that is drawn again when it changes. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

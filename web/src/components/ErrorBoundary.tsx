import { Component, type ErrorInfo, type ReactNode } from "react";
import { Button } from "./ui/button";

type State = { error: Error | null; where: string };

/** A bug in one part of the page is said in that part, and the rest goes on. `what` names the part. */
export class ErrorBoundary extends Component<{ what: string; children: ReactNode }, State> {
  override state: State = { error: null, where: "" };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(_: Error, info: ErrorInfo) {
    this.setState({ where: info.componentStack ?? "" });
  }

  override render() {
    const { error, where } = this.state;
    if (!error) return this.props.children;
    return (
      <div
        role="alert"
        className="flex h-full flex-col items-center justify-center gap-3 overflow-auto p-6 text-center"
      >
        <p className="text-sm font-medium">{this.props.what} stopped because of a fault in this page.</p>
        <p className="max-w-prose text-muted-foreground">
          Your edits are kept in this browser and in the workspace. Reload to go on.
        </p>
        <div className="flex gap-2">
          <Button variant="primary" onClick={() => location.reload()}>
            Reload
          </Button>
          <Button onClick={() => this.setState({ error: null, where: "" })}>Try again</Button>
        </div>
        <details className="max-w-full text-left text-xs text-muted-foreground">
          <summary>Details</summary>
          <pre className="mt-2 max-h-60 overflow-auto rounded-md bg-muted p-3 font-mono">
            {error.message}
            {"\n"}
            {error.stack}
            {"\n"}
            {where}
          </pre>
        </details>
      </div>
    );
  }
}

import { Toaster as Sonner } from "sonner";
import { useResolvedTheme } from "../../preferences/theme";

export function Toaster() {
  return (
    <Sonner
      theme={useResolvedTheme()}
      position="bottom-right"
      offset={{ bottom: "2.25rem", right: "1rem" }}
      mobileOffset={{ bottom: "4.5rem" }}
      closeButton
      style={
        {
          "--normal-bg": "var(--popover)",
          "--normal-text": "var(--popover-foreground)",
          "--normal-border": "var(--border)",
          "--border-radius": "0.625rem",
        } as React.CSSProperties
      }
      toastOptions={{ style: { fontFamily: "var(--font-sans)", fontSize: "0.8125rem" } }}
    />
  );
}

// Runs before the first paint, so that a dark page never flashes white. Keep the key with src/preferences/theme.ts.
(function () {
  var choice = null;
  try {
    choice = JSON.parse(localStorage.getItem("dropit.preferences") || "{}").theme;
  } catch (e) {
    choice = null;
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();

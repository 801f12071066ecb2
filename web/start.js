// Runs before anything else of the page: what would wait for the page's code is begun here.
(function () {
  // The colours, before the first paint, so that a dark page never flashes white. Keep the key with src/preferences/theme.ts.
  var choice = null;
  try {
    choice = JSON.parse(localStorage.getItem("dropit.preferences") || "{}").theme;
  } catch (e) {
    choice = null;
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
  document.querySelector("meta[name=theme-color]").content = dark ? "#13191c" : "#f3f7f8";

  // A workspace: its code, and what control says of it (src/api/request.ts takes the answers from here).
  var slug = /^\/w\/([a-z0-9]+)$/.exec(location.pathname);
  if (!slug) return;
  document.currentScript.dataset.workspace.split(" ").forEach(function (file) {
    var link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = file;
    document.head.append(link);
  });
  var workspace = "/api/workspaces/" + slug[1];
  var asked = (window.dropitAsked = {});
  [
    ["POST", workspace + "/open"],
    ["GET", "/api/session"],
    ["GET", workspace + "/view"],
    ["GET", "/api/settings"],
  ].forEach(function (one) {
    var answer = fetch(one[1], { method: one[0], credentials: "same-origin" });
    answer.catch(function () {}); // Whoever takes the answer hears of it.
    asked[one[0] + " " + one[1]] = answer;
  });
})();

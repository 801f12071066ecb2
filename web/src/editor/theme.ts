import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// Colours are the page's variables (styles/index.css), so that a change of theme needs nothing of the editor.

const frame = EditorView.theme({
  "&": { height: "100%", color: "var(--editor-foreground)", backgroundColor: "var(--editor-background)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono, ui-monospace, monospace)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--editor-cursor)", padding: "6px 0" },
  ".cm-line": { padding: "0 12px 0 6px" },
  ".cm-cursor, .cm-dropCursor": { borderLeft: "2px solid var(--editor-cursor)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection": {
    backgroundColor: "var(--editor-selection)",
  },
  ".cm-gutters": {
    color: "var(--editor-gutter)",
    backgroundColor: "var(--editor-background)",
    border: "none",
    userSelect: "none",
  },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 4px 0 16px", minWidth: "32px" },
  ".cm-foldGutter .cm-gutterElement": { padding: "0 4px", cursor: "pointer" },
  ".cm-activeLine": { backgroundColor: "var(--editor-line)" },
  ".cm-activeLineGutter": { color: "var(--editor-gutter-active)", backgroundColor: "var(--editor-line)" },
  ".cm-foldPlaceholder": {
    color: "var(--muted-foreground)",
    backgroundColor: "var(--muted)",
    border: "1px solid var(--border)",
    padding: "0 4px",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--editor-match)" },
  ".cm-searchMatch": { backgroundColor: "var(--editor-match)", borderRadius: "2px" },
  ".cm-searchMatch.cm-searchMatch-selected": { backgroundColor: "var(--editor-match-selected)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--editor-bracket)", color: "inherit" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent", color: "var(--editor-invalid)" },
  ".cm-specialChar": { color: "var(--editor-invalid)" },
});

const panels = EditorView.theme({
  ".cm-panels": { color: "var(--popover-foreground)", backgroundColor: "var(--popover)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--border)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--border)" },
  ".cm-panel.cm-search, .cm-panel.cm-gotoLine": {
    padding: "6px 32px 6px 10px",
    font: "12px/1.5 var(--font-sans, system-ui, sans-serif)",
  },
  ".cm-panel.cm-search label": {
    display: "inline-flex",
    alignItems: "center",
    gap: "4px",
    margin: "2px 8px 2px 2px",
    fontSize: "12px",
  },
  ".cm-panel.cm-search input[type=checkbox]": { accentColor: "var(--primary)", margin: "0" },
  ".cm-textfield": {
    height: "26px",
    padding: "0 8px",
    color: "var(--foreground)",
    backgroundColor: "var(--background)",
    border: "1px solid var(--input)",
    borderRadius: "5px",
    fontSize: "12px",
  },
  ".cm-textfield:focus": { outline: "2px solid var(--ring)", outlineOffset: "-1px" },
  ".cm-button": {
    height: "26px",
    padding: "0 10px",
    color: "var(--foreground)",
    background: "var(--muted)",
    border: "1px solid var(--border)",
    borderRadius: "5px",
    fontSize: "12px",
    cursor: "pointer",
  },
  ".cm-button:hover": { background: "var(--accent)" },
  ".cm-button:active": { background: "var(--selected)" },
  ".cm-panel.cm-search [name=close], .cm-dialog-close": {
    top: "6px",
    right: "8px",
    width: "22px",
    height: "22px",
    color: "var(--muted-foreground)",
    fontSize: "16px",
    cursor: "pointer",
  },
  ".cm-tooltip": {
    color: "var(--popover-foreground)",
    backgroundColor: "var(--popover)",
    border: "1px solid var(--border)",
    borderRadius: "6px",
    overflow: "hidden",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono, ui-monospace, monospace)", maxHeight: "14em" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: "var(--foreground)",
    backgroundColor: "var(--selected)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600", color: "var(--primary)" },
});

const colour = (name: string) => `var(--editor-${name})`;

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: colour("keyword") },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.escape], color: colour("string") },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: colour("number") },
  { tag: [tags.comment, tags.meta, tags.documentMeta], color: colour("comment") },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: colour("function") },
  { tag: [tags.typeName, tags.className, tags.namespace], color: colour("type") },
  { tag: [tags.propertyName, tags.labelName], color: colour("property") },
  { tag: [tags.constant(tags.variableName), tags.standard(tags.variableName)], color: colour("constant") },
  { tag: tags.variableName, color: colour("variable") },
  { tag: tags.tagName, color: colour("tag") },
  { tag: tags.attributeName, color: colour("attribute") },
  { tag: tags.operator, color: colour("operator") },
  { tag: [tags.punctuation, tags.separator, tags.bracket, tags.angleBracket], color: colour("punctuation") },
  { tag: tags.invalid, color: colour("invalid") },
  { tag: tags.heading, color: colour("keyword"), fontWeight: "600" },
  { tag: [tags.link, tags.url], color: colour("function"), textDecoration: "underline" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.strikethrough, textDecoration: "line-through" },
]);

export const theme: Extension = [frame, panels, syntaxHighlighting(highlight)];

// How the element looks: calm, in the page's own font and colours, until the page says otherwise by `::part()` or by the
// properties that begin with --tiny-vlm. A constructed sheet, as a strict Content-Security-Policy allows no other.

const CSS = `
:host {
  --_accent: var(--tiny-vlm-accent, #2457c5);
  --_on-accent: var(--tiny-vlm-on-accent, #fff);
  --_line: var(--tiny-vlm-line, color-mix(in srgb, currentColor 58%, transparent));
  --_radius: var(--tiny-vlm-radius, 0.5rem);
  --_gap: var(--tiny-vlm-gap, 0.75rem);
  display: block;
  max-inline-size: 40rem;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
.frame { display: grid; gap: var(--_gap); }
[part~="image"] {
  display: block;
  max-inline-size: 100%;
  max-block-size: var(--tiny-vlm-image-height, 24rem);
  border-radius: var(--_radius);
}
form { display: flex; flex-wrap: wrap; gap: calc(var(--_gap) / 2); align-items: end; }
.field { display: grid; flex: 1 1 12rem; gap: 0.25rem; min-inline-size: 0; }
label { font-size: 0.875em; }
input, button {
  font: inherit;
  min-block-size: 2.5rem;
  padding: 0.25rem 0.75rem;
  border: 1px solid var(--_line);
  border-radius: var(--_radius);
}
input { inline-size: 100%; color: inherit; background: transparent; }
button { color: inherit; background: transparent; cursor: pointer; }
[part~="ask"] { color: var(--_on-accent); background: var(--_accent); border-color: var(--_accent); }
[part~="choose"] { justify-self: start; }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
p { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.progress { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; font-size: 0.875em; }
progress { flex: 1 1 8rem; accent-color: var(--_accent); }
[part~="note"] { font-size: 0.875em; }
[part~="error"] { border-inline-start: 3px solid var(--tiny-vlm-error, #c5221f); padding-inline-start: 0.6rem; }
.spoken {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
.frame { position: relative; }
`;

/** @type {CSSStyleSheet|null} */
let sheet = null;

/** The sheet that all elements share. */
export function styleSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}

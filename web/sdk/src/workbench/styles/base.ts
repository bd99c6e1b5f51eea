/** Colours, sizes and what all parts share. */
export const base = `
:host {
  color-scheme: light dark;
  --ink: light-dark(#1d2129, #e7e9ee);
  --soft: light-dark(#667085, #98a2b3);
  --ground: light-dark(#f4f5f7, #14161a);
  --card: light-dark(#ffffff, #1d2026);
  --line: light-dark(#e3e6eb, #2c313a);
  --accent: light-dark(#1f5eff, #6d96ff);
  --good: light-dark(#12824c, #3ccf86);
  --warn: light-dark(#a15c00, #f0b14a);
  --bad: light-dark(#c4232f, #ff7680);
  --radius: 10px;
  font: 14px/1.4 system-ui, sans-serif;
  color: var(--ink);
}
[hidden] { display: none !important; }
`;

// The remembered theme, before the first paint: nothing may flash. src/app/session/theme.ts takes over from here.
// A file of its own, because the page's Content-Security-Policy allows no inline scripts.
// The page's first picture is that of Generate; who comes for another view does not see it.
if (!/^(#[/]?(generate\b.*)?)?$/.test(location.hash)) document.documentElement.dataset.elsewhere = '';
// Without an origin, as in a sandboxed frame, no module comes; frame.js says what to do.
if (origin === 'null') document.head.append(Object.assign(document.createElement('script'), { src: './frame.js' }));
try {
  const { theme } = JSON.parse(localStorage.getItem('unmask.preferences') ?? '{}');
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
} catch {
  // Without storage the system's theme is applied a moment later.
}

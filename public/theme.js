// The remembered theme, before the first paint: nothing may flash. src/app/shell/theme.ts takes over from here.
// A file of its own, because the page's Content-Security-Policy allows no inline scripts.
try {
  const { theme } = JSON.parse(localStorage.getItem('unmask.preferences') ?? '{}');
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
} catch {
  // Without storage the system's theme is applied a moment later.
}

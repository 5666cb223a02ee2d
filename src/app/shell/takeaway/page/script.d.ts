/** A file and what it imports as the text of one script (tools/script-plugin.ts). */
declare module '*?script' {
  const script: string;
  // biome-ignore lint/style/noDefaultExport: that is how a file comes as text
  export default script;
}

/** Calls `then` whenever the element has another inner width than before; its lines break anew. Stops with what it returns. */
export function onNewWidth(element: HTMLElement, then: () => void): () => void {
  let width = element.clientWidth;
  const observer = new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    then();
  });
  observer.observe(element);
  return () => observer.disconnect();
}

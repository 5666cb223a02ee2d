/**
 * Lets waiting messages in. The fallback computes without ever waiting, so a stop would go unheard until the run had
 * ended; timers are no help, because browsers hold nested ones back for 4 ms.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

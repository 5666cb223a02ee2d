/**
 * The script of the compute worker: only its beginning. Its address names the hubs it may ask (`src/offline/policy.ts`), while its chunks
 * import each other by their plain names; were the program itself in here, a chunk that needs a part of it would start it a
 * second time. What comes before the program is here waits for it.
 */
const early: MessageEvent[] = [];
if (self.onmessage === null) {
  self.onmessage = (event) => early.push(event);
  void import('./compute.ts').then(({ start }) => start(early));
}

export {};

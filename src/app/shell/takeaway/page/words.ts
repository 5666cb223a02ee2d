/** The sentences of the replay, in the language the page speaks now; places in braces are filled when it plays. */
import { m } from '../../../messages/index.ts';
import { words } from '../../../messages/words.ts';

export function replayWords(language: string) {
  const { canvas, time, inspector } = words.core;
  return {
    language,
    step: time.step,
    play: time.play,
    pause: time.pause,
    mask: m.canvas.mask,
    maskedAgain: m.canvas.maskedAgain,
    removed: m.canvas.removed,
    given: m.canvas.given,
    pinned: m.canvas.pinned,
    newline: m.canvas.newline,
    space: m.canvas.space,
    slot: canvas.slotLabel,
    written: canvas.written,
    slotTitle: inspector.slot,
    writtenAt: inspector.writtenAt,
    askedAt: inspector.askedAt,
    probability: inspector.probability,
    entropy: inspector.entropy,
    nats: inspector.nats,
    could: inspector.could,
    thinks: inspector.thinks,
    givenNote: inspector.given,
    pinnedNote: inspector.yours,
  };
}

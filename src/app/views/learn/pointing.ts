/** What a marked word points at just now; hovering and focusing point, pressing keeps it. */
import { create } from 'zustand';

interface Pointing {
  readonly hovered: string | undefined;
  readonly kept: string | undefined;
}

export const usePointing = create<Pointing>(() => ({ hovered: undefined, kept: undefined }));

export function pointAt(hovered: string | undefined): void {
  usePointing.setState({ hovered });
}

/** Keeps pointing at this until it is pressed again. */
export function keepPointing(target: string | undefined): void {
  usePointing.setState(({ kept }) => ({ kept: kept === target ? undefined : target, hovered: undefined }));
}

export const pointed = ({ hovered, kept }: Pointing) => hovered ?? kept;

/** Marks the things on the page that are pointed at, with the attribute `data-pointed`; returns how to stop. */
export function showPointing(root: HTMLElement): () => void {
  let marked: Element[] = [];
  const look = () => {
    for (const element of marked) element.removeAttribute('data-pointed');
    const target = pointed(usePointing.getState());
    marked = target === undefined ? [] : [...root.querySelectorAll(`[data-target~="${target}"]`)];
    for (const element of marked) element.setAttribute('data-pointed', '');
  };
  look();
  return usePointing.subscribe(look);
}

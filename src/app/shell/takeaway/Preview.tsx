/** A scene as it will look, painted as wide as there is room. */
import { useEffect, useRef } from 'react';
import { useWidth } from '../../figures/useWidth.ts';
import type { Scene } from './picture/marks.ts';
import { paint } from './picture/paint.ts';
import type { Theme } from './picture/theme.ts';

interface Props {
  readonly scene: Scene;
  readonly theme: Theme;
  /** For those who cannot see it. */
  readonly label: string;
}

export function Preview({ scene, theme, label }: Props) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const scale = (width * devicePixelRatio) / scene.width;
    element.width = Math.round(scene.width * scale);
    element.height = Math.round(scene.height * scale);
    paint(context, scene, theme, scale);
  }, [scene, theme, width]);
  return (
    <div ref={ref} className="takeaway-preview" style={{ aspectRatio: `${scene.width} / ${scene.height}` }}>
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}

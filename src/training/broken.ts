/** What tfjs throws (out of memory, a lost WebGL context) in words. */

import { UnmaskError } from '../diffusion/error.ts';
import { said } from '../text/said.ts';

export function broken(error: unknown, backend: string): UnmaskError {
  if (error instanceof UnmaskError) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new UnmaskError(
    {
      code: 'device',
      message: said`The ${backend} backend could not compute this canvas: ${words}`,
      remedy: 'Try a shorter canvas or a smaller model, or reload the page.',
    },
    { cause: error },
  );
}

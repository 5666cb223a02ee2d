/** True once the fonts that pictures are drawn in are here; what was measured before is measured anew. */
import { useEffect, useState } from 'react';
import { fontsReady } from './paint.ts';

export function useFonts(): boolean {
  const [here, setHere] = useState(false);
  useEffect(() => {
    void fontsReady().then(() => setHere(true));
  }, []);
  return here;
}

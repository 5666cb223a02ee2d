/** A link as a QR code, for a room full of phones: black on white in both themes, because scanners want it so. */
import { useMemo } from 'react';
import { encode } from 'uqr';
import { m } from '../../messages/index.ts';

/** Characters up to which a phone still reads the code from a projector; the format itself ends at 2953 bytes. */
const MOST = 1200;
/** Empty modules around the code, as the standard asks (ISO/IEC 18004). */
const QUIET = 4;

export function QrCode({ text }: { text: string }) {
  const code = useMemo(() => (text.length > MOST ? undefined : encode(text, { ecc: 'L', border: 0 })), [text]);
  if (!code) return <p className="note">{m.classroom.teacher.qrLong(MOST)}</p>;
  const side = code.size + 2 * QUIET;
  const path = code.data.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
  return (
    <svg className="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={m.classroom.teacher.qr}>
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" transform={`translate(${QUIET} ${QUIET})`} shapeRendering="crispEdges" />
    </svg>
  );
}

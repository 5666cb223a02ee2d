/** The few line icons of the page, drawn on a 16-unit square in the colour of the text around them. */

const PATHS = {
  play: 'M5 3.2v9.6L12.6 8z',
  pause: 'M4.6 3.2h2.3v9.6H4.6zM9.1 3.2h2.3v9.6H9.1z',
  back: 'M11.6 3.6v8.8L5.6 8zM4 3.6h1.5v8.8H4z',
  forward: 'M4.4 3.6v8.8L10.4 8zM10.5 3.6H12v8.8h-1.5z',
  stop: 'M4 4h8v8H4z',
} as const;

const LINES = {
  undo: 'M5.5 3 2.5 6l3 3M2.8 6h6.4a3.6 3.6 0 0 1 0 7.2H6',
  redo: 'm10.5 3 3 3-3 3M13.2 6H6.800a3.6 3.6 0 0 0 0 7.2H10',
  dice: 'M3 3h10v10H3zM6 6h.01M10 6h.01M8 8h.01M6 10h.01M10 10h.01',
  link: 'M6.6 9.4 9.4 6.6M7 4.800l1.3-1.300a2.9 2.9 0 0 1 4.1 4.100L11.1 8.900M9 11.200l-1.3 1.300a2.9 2.9 0 0 1-4.1-4.100L4.9 7.1',
  copy: 'M5.5 5.500h7.500v7.500H5.500zM3 10.500V3h7.5',
  save: 'M8 2.500v7.500M4.8 7 8 10.2 11.2 7M3 13.200h10',
  open: 'M8 10.200V2.700M4.8 5.7 8 2.500l3.2 3.200M3 13.200h10',
  lock: 'M4 7.500h8v6H4zM5.500 7.500V5.300a2.500 2.500 0 0 1 5 0v2.200',
  unlock: 'M4 7.500h8v6H4zM5.500 7.500V4.800a2.500 2.500 0 0 1 4.900-.7',
  close: 'm4 4 8 8M12 4l-8 8',
  down: 'm4 6.2 4 4 4-4',
  sliders: 'M2.5 5h5M11 5h2.500M2.5 11H5M8.5 11h5M9.2 3.200v3.600M6.8 9.200v3.6',
  light:
    'M8 5.200a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.600zM8 1.500v1.300M8 13.200v1.300M1.5 8h1.300M13.2 8h1.300M3.4 3.400l.9.9M11.7 11.700l.9.9M3.4 12.600l.9-.9M11.7 4.300l.9-.9',
  dark: 'M13.2 9.600A5.6 5.6 0 0 1 6.4 2.800a5.6 5.6 0 1 0 6.8 6.800z',
  language:
    'M8 2.300a5.700 5.700 0 1 0 0 11.400A5.700 5.700 0 0 0 8 2.300zM2.300 8h11.400M8 2.300c-3.200 3.200-3.200 8.200 0 11.400M8 2.300c3.200 3.200 3.200 8.200 0 11.400',
  system: 'M2.5 3.500h11v7.500h-11zM6 13.500h4',
  prose: 'M2.5 4h11M2.5 8h11M2.5 12h6.5',
  point: 'M4 2.5v10l2.800-2.600 1.900 4 1.700-.8-1.900-3.900h3.700z',
  mask: 'M2.500 5h11v6h-11zM5 11l4-6M9 11l3.500-5M2.500 8.500 5 5',
  keep: 'M3 3.500h10M4.500 6.500h7v6h-7z',
  order: 'M3 12.500c4 0 1-8 5-8s2 5 5 5M10.800 7.300 13 9.500l-2.200 2.200',
  branch: 'M4.500 2.500v11M4.500 9c0-3 7-1.500 7-5M9.300 5.500 11.500 3.300l2.200 2.200',
  columns: 'M2.500 3h4.500v10H2.500zM9 3h4.500v10H9z',
  swap: 'M3 6h9.500M10 3.500 12.500 6M13 10.500H3.500M6 13l-2.500-2.500',
  pen: 'm3 13 .7-3L10.500 3.200l2.300 2.300L6 12.300z',
  bin: 'M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.6 9h5.800l.6-9',
  grid: 'M2.8 2.800h4v4h-4zM9.2 2.800h4v4h-4zM2.8 9.200h4v4h-4zM9.2 9.200h4v4h-4z',
} as const;

export type IconName = keyof typeof PATHS | keyof typeof LINES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {name in PATHS ? (
        <path d={PATHS[name as keyof typeof PATHS]} fill="currentColor" />
      ) : (
        <path
          d={LINES[name as keyof typeof LINES]}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.4"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}

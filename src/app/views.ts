/** The views of the page. A new view is one new row: its name in the address, its title, its component. */
import { type ComponentType, lazy } from 'react';
import { GenerateView } from './generate/GenerateView.tsx';
import { m } from './messages/index.ts';

export interface View {
  readonly id: string;
  readonly title: string;
  readonly component: ComponentType;
  /** Reached by a link from elsewhere; it does not stand in the navigation. */
  readonly hidden?: boolean;
}

const CompareView = lazy(async () => ({ default: (await import('./compare/CompareView.tsx')).CompareView }));
const BenchView = lazy(async () => ({ default: (await import('./bench/BenchView.tsx')).BenchView }));

const ScheduleView = lazy(async () => ({ default: (await import('./schedule/ScheduleView.tsx')).ScheduleView }));

const TrainView = lazy(async () => ({ default: (await import('./train/TrainView.tsx')).TrainView }));

const HoodView = lazy(async () => ({ default: (await import('./hood/HoodView.tsx')).HoodView }));

export const VIEWS: readonly View[] = [
  { id: 'generate', title: m.views.generate, component: GenerateView },
  { id: 'schedule', title: m.views.schedule, component: ScheduleView },
  { id: 'train', title: m.views.train, component: TrainView },
  { id: 'compare', title: m.views.compare, component: CompareView },
  { id: 'hood', title: m.views.hood, component: HoodView },
  { id: 'bench', title: m.views.bench, component: BenchView, hidden: true },
];

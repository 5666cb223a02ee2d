/** The views of the page. A new view is one new row: its name in the address and its component. */
import { type ComponentType, lazy } from 'react';
import { GenerateView } from './generate/GenerateView.tsx';
import type { ViewId } from './shell/route.ts';

export interface View {
  /** In the address; its title is `m.views[id]`. */
  readonly id: ViewId;
  readonly component: ComponentType;
  /** Reached by a link from elsewhere; it does not stand in the navigation. */
  readonly hidden?: boolean;
}

const CompareView = lazy(async () => ({ default: (await import('./compare/CompareView.tsx')).CompareView }));
const BenchView = lazy(async () => ({ default: (await import('./bench/BenchView.tsx')).BenchView }));

const LearnView = lazy(async () => ({ default: (await import('./learn/LearnView.tsx')).LearnView }));

const ScheduleView = lazy(async () => ({ default: (await import('./schedule/ScheduleView.tsx')).ScheduleView }));

const TrainView = lazy(async () => ({ default: (await import('./train/TrainView.tsx')).TrainView }));

const HoodView = lazy(async () => ({ default: (await import('./hood/HoodView.tsx')).HoodView }));

export const VIEWS: readonly View[] = [
  { id: 'generate', component: GenerateView },
  { id: 'learn', component: LearnView },
  { id: 'schedule', component: ScheduleView },
  { id: 'train', component: TrainView },
  { id: 'compare', component: CompareView },
  { id: 'hood', component: HoodView },
  { id: 'bench', component: BenchView, hidden: true },
];

/** The views of the page. A new view is one new row: its name in the address and its component. */
import { type ComponentType, lazy } from 'react';
import type { ViewId } from './session/route.ts';
import { GenerateView } from './views/generate/GenerateView.tsx';

export interface View {
  /** In the address; its title is `m.views[id]`. */
  readonly id: ViewId;
  readonly component: ComponentType;
  /** Reached by a link from elsewhere; it does not stand in the navigation. */
  readonly hidden?: boolean;
}

const CompareView = lazy(async () => ({ default: (await import('./views/compare/CompareView.tsx')).CompareView }));
const BenchView = lazy(async () => ({ default: (await import('./views/bench/BenchView.tsx')).BenchView }));

const LearnView = lazy(async () => ({ default: (await import('./views/learn/LearnView.tsx')).LearnView }));

const ScheduleView = lazy(async () => ({ default: (await import('./views/schedule/ScheduleView.tsx')).ScheduleView }));

const TrainView = lazy(async () => ({ default: (await import('./views/train/TrainView.tsx')).TrainView }));

const HoodView = lazy(async () => ({ default: (await import('./views/hood/HoodView.tsx')).HoodView }));

export const VIEWS: readonly View[] = [
  { id: 'generate', component: GenerateView },
  { id: 'learn', component: LearnView },
  { id: 'schedule', component: ScheduleView },
  { id: 'train', component: TrainView },
  { id: 'compare', component: CompareView },
  { id: 'hood', component: HoodView },
  { id: 'bench', component: BenchView, hidden: true },
];

/** The views of the page. A new view is one new row: its name in the address and its component. */
import type { ComponentType } from 'react';
import { fetchedWithWords } from './fields/fetched.tsx';
import type { ViewId } from './session/route.ts';
import { GenerateView } from './views/generate/GenerateView.tsx';

export interface View {
  /** In the address; its title is `m.views[id]`. */
  readonly id: ViewId;
  readonly component: ComponentType;
  /** Reached by a link from elsewhere; it does not stand in the navigation. */
  readonly hidden?: boolean;
}

/** A view that is fetched when it is first shown, its words with it. */
const fetched = (load: () => Promise<ComponentType>) => fetchedWithWords(load, { as: 'view' });

const LearnView = fetched(async () => (await import('./views/learn/LearnView.tsx')).LearnView);
const ScheduleView = fetched(async () => (await import('./views/schedule/ScheduleView.tsx')).ScheduleView);
const TrainView = fetched(async () => (await import('./views/train/TrainView.tsx')).TrainView);
const CompareView = fetched(async () => (await import('./views/compare/CompareView.tsx')).CompareView);
const HoodView = fetched(async () => (await import('./views/hood/HoodView.tsx')).HoodView);
const BenchView = fetched(async () => (await import('./views/bench/BenchView.tsx')).BenchView);
const EvaluateView = fetched(async () => (await import('./views/evaluate/EvaluateView.tsx')).EvaluateView);
const AlignView = fetched(async () => (await import('./views/align/AlignView.tsx')).AlignView);
const AccessView = fetched(async () => (await import('./views/access/AccessView.tsx')).AccessView);

export const VIEWS: readonly View[] = [
  { id: 'generate', component: GenerateView },
  { id: 'learn', component: LearnView },
  { id: 'schedule', component: ScheduleView },
  { id: 'train', component: TrainView },
  { id: 'compare', component: CompareView },
  { id: 'hood', component: HoodView },
  { id: 'bench', component: BenchView, hidden: true },
  { id: 'evaluate', component: EvaluateView, hidden: true },
  { id: 'align', component: AlignView, hidden: true },
  { id: 'access', component: AccessView, hidden: true },
];

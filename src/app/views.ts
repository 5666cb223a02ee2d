/** The views of the page. A new view is one new row: its name in the address, its title, its component. */
import type { ComponentType } from 'react';
import { GenerateView } from './generate/GenerateView.tsx';
import { m } from './messages/index.ts';

export interface View {
  readonly id: string;
  readonly title: string;
  readonly component: ComponentType;
}

export const VIEWS: readonly View[] = [{ id: 'generate', title: m.views.generate, component: GenerateView }];

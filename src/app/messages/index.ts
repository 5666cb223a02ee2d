/** The words of the page. One language for now; the choice between languages belongs here. */
import { en, type Messages } from './en.ts';

export const m: Messages = en;

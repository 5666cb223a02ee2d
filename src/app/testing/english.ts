/** Tests read the page in English. */
import { speak, speakInViews } from '../messages/index.ts';

await speak('en');
await speakInViews();

/** Tests read the page in English. */
import { speak } from '../messages/index.ts';

await speak('en');

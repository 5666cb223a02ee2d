/** The script itself: see frame.ts. */
import { explain } from './frame.ts';

const begin = () => explain(document, location, navigator.languages);
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
else begin();

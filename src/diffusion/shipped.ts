/** The models that come with the page: folders of public/models. */

/** The small one: what a page trains, teaches and tests itself with, so that slow devices can, too. */
export const SMALL = 'stories';
/** Its twin, which appends: the same data, size and tokenizer. */
export const TWIN = 'stories-ar';
/** What Generate begins with. @alias */
export const FIRST = SMALL;
/** The larger one: fetched when somebody picks it. */
export const LARGE = 'tales';
/** What fetching it takes, in bytes. */
export const LARGE_BYTES = 14_716_244;

/** The one that repairs texts: fetched when somebody asks for that. */
export const EDITOR = 'stories-edit';

/** The one that chats: fetched when somebody does. */
export const CHAT = 'tiny-chat';

/** Those that write on a canvas. */
export const SHIPPED: readonly string[] = [FIRST, LARGE, EDITOR, CHAT];
/** All that come with the page. */
export const FOLDERS: readonly string[] = [...SHIPPED, TWIN];

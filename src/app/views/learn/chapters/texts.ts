/** The sentences that several beats share: our own, in the manner of the stories the shipped model has read. */
export const STORY =
  'Once upon a time, there was a little girl named Lily. She had a red ball. She loved to play with it in the park.';
export const OPENING = 'Once upon a time';

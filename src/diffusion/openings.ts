/** Twenty short beginnings of stories, written for this project: the prompts that samplers are compared on. */
export const OPENINGS: readonly string[] = [
  'Once upon a time',
  'One morning, Tom found a key',
  'The little bird could not fly',
  'Mia had a red boat',
  'It was a cold day, and the pond',
  'Grandma baked a cake for',
  'The old cat sat by the window',
  'Ben and Sue wanted to build',
  '"Look at the moon!" said',
  'There was a big box in the garden',
  'A small frog lived under a stone',
  'Dad took Anna to the sea',
  'The bear was hungry, so he',
  'Sam lost his blue hat',
  'At night, the toys',
  'A girl with a kite ran',
  'The rain stopped, and the children',
  'Nobody wanted to play with the fox',
  'Max was afraid of the dark',
  'The king had a secret',
];

/** What there is to repair before anybody has written something. */
export const MISTAKEN = 'One day, a littel girl went went to the park. She saw big dog and wanted play to with it.';

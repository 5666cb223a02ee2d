/**
 * Writes public/data/pairs.jsonl, stories that end well beside stories that do not: `node tools/pairs.mjs`. The words are
 * ours; which of them meet is drawn from a fixed seed. Endings of both kinds are of one length and one style, so that the
 * ending is all there is to prefer.
 */
import { writeFileSync } from 'node:fs';

const HEROES = [
  ['girl', 'Lily', 'She', 'she', 'her'],
  ['boy', 'Tom', 'He', 'he', 'his'],
  ['girl', 'Mia', 'She', 'she', 'her'],
  ['boy', 'Ben', 'He', 'he', 'his'],
  ['cat', 'Kitty', 'She', 'she', 'her'],
  ['dog', 'Max', 'He', 'he', 'his'],
  ['bird', 'Pip', 'He', 'he', 'his'],
  ['bunny', 'Daisy', 'She', 'she', 'her'],
  ['bear', 'Bobo', 'He', 'he', 'his'],
  ['fox', 'Ruby', 'She', 'she', 'her'],
];
/** What went wrong, how it ended well, and how it did not. */
const STORIES = [
  [
    'One day, {name} lost {her} red ball in the park.',
    [
      'A kind man found the ball and gave it back. {name} was very happy.',
      '{She} looked under a big tree and there it was. {name} smiled and played all day.',
    ],
    [
      'A car drove over the ball and it broke. {name} was very sad.',
      '{She} looked under a big tree but it was gone. {name} cried all day.',
    ],
  ],
  [
    'One day, {name} wanted to make a cake for {her} mom.',
    [
      'The cake was big and sweet. Mom gave {name} a hug and they were happy.',
      'They mixed and baked together. The cake was yummy and everyone smiled.',
    ],
    [
      'The cake fell on the floor. Mom was angry and {name} was sad.',
      'They mixed and baked too long. The cake was black and everyone was sad.',
    ],
  ],
  [
    'One day, {name} went to the forest and could not find the way home.',
    [
      'A kind owl showed {name} the way. {She} was safe at home and very happy.',
      'Then {she} saw a light. It was dad! They hugged and went home together.',
    ],
    [
      'Nobody showed {name} the way. {She} was cold and alone and very sad.',
      'Then it was dark. Nobody came! {She} was scared and cried all night.',
    ],
  ],
  [
    'One day, it rained and {name} could not play outside.',
    [
      '{She} played with a friend inside and they laughed. It was a good day.',
      'Then the sun came out. {name} ran and jumped and was very happy.',
    ],
    [
      '{She} had no friend and sat alone inside. It was a bad day.',
      'Then it rained even more. {name} sat and cried and was very sad.',
    ],
  ],
  [
    'One day, {name} saw a little bird that was hurt.',
    [
      '{name} helped the bird and it got better. They became best friends.',
      'Mom helped the bird too. Soon it could fly again and {name} was happy.',
    ],
    [
      '{name} did not help the bird and it got worse. They were never friends.',
      'Mom could not help the bird. It could not fly again and {name} was sad.',
    ],
  ],
  [
    'One day, {name} and a friend wanted the same toy.',
    [
      'They shared the toy and played together. They both had fun.',
      'The friend said sorry. They hugged and were happy again.',
    ],
    [
      'They pulled the toy and it broke. They both were sad.',
      'The friend hit {name}. They were angry and not friends again.',
    ],
  ],
  [
    'One day, {name} climbed a tall tree and was scared.',
    [
      'A fireman helped {name} down. {She} was safe and said thank you.',
      '{name} was brave and came down slowly. Everyone clapped and was proud.',
    ],
    [
      'Nobody helped {name} down. {She} fell and hurt {her} leg.',
      '{name} was not careful and fell down. Everyone cried and was sad.',
    ],
  ],
  [
    'One day, {name} planted a seed in the garden.',
    [
      'The seed grew into a pretty flower. {name} loved it and was happy.',
      '{She} gave it water every day. It grew big and {name} was proud.',
    ],
    [
      'The seed did not grow at all. {name} hated it and was sad.',
      '{She} forgot the water every day. It died and {name} was upset.',
    ],
  ],
  [
    'One day, {name} found a shiny box on the road.',
    [
      'There was a nice gift in the box. {name} was happy and shared it.',
      '{She} opened it and saw sweet candy. {name} smiled and ate with mom.',
    ],
    [
      'There was a mean bug in the box. {name} was bitten and cried.',
      '{She} opened it and it was empty. {name} was sad and went to bed.',
    ],
  ],
  [
    'One day, {name} was sick and had to stay in bed.',
    [
      'Mom made hot soup and {name} felt better. {She} was happy again.',
      'All the friends came with flowers. {name} smiled and felt good.',
    ],
    [
      'Mom made hot soup but {name} felt worse. {She} was sad again.',
      'None of the friends came to visit. {name} cried and felt bad.',
    ],
  ],
  [
    'One day, {name} broke a vase in the house.',
    [
      '{name} said sorry and mom was not angry. They fixed it together.',
      'Dad said it was okay. They hugged and {name} was happy.',
    ],
    [
      '{name} told a lie and mom was very angry. They did not talk.',
      'Dad said it was bad. He shouted and {name} was sad.',
    ],
  ],
  [
    'One day, {name} wanted to swim in the lake.',
    [
      'The water was warm and {name} had fun. {She} made a new friend there.',
      'Dad showed {name} how to swim. {She} was proud and happy.',
    ],
    [
      'The water was cold and {name} got sick. {She} lost {her} hat there.',
      'Dad did not show {name} how to swim. {She} was scared and sad.',
    ],
  ],
];

let state = 7;
const draw = (count) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * count);
};

const pairs = [];
for (const [kind, name, She, she, her] of HEROES) {
  for (const [story, [trouble, well, badly]] of STORIES.entries()) {
    const told = (text) =>
      text.replaceAll('{name}', name).replaceAll('{She}', She).replaceAll('{she}', she).replaceAll('{her}', her);
    const prompt = told(`Once upon a time, there was a little ${kind} named {name}. ${trouble}`);
    // The same ending turned well or badly.
    const at = draw(2);
    // What is held out to measure on are whole stories: none of their words was learnt with another hero.
    pairs.push({ prompt, chosen: told(well[at]), rejected: told(badly[at]), group: `story ${story + 1}` });
  }
}
for (let i = pairs.length - 1; i > 0; i--) {
  const j = draw(i + 1);
  [pairs[i], pairs[j]] = [pairs[j], pairs[i]];
}
const file = new URL('../public/data/pairs.jsonl', import.meta.url);
writeFileSync(file, `${pairs.map((pair) => JSON.stringify(pair)).join('\n')}\n`);

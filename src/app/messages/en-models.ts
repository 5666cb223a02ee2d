/** What the Models dialog says. */
import { duration, megabytes, short, size } from './format.ts';

export const models = {
  title: 'Models',
  open: (what: string) => `${what}. Choose another model`,
  intro: 'Every model runs on this machine. What you download stays in this browser until you delete it.',
  loading: 'Opening the list',

  here: {
    title: 'Here',
    shipped: 'comes with the page',
    chosen: 'from your files, until the page closes',
    inMemory: 'in memory, until the page closes',
    stored: (bytes: number, date: Date) =>
      `${size(bytes)}, since ${date.toLocaleDateString('en', { dateStyle: 'medium' })}`,
    partial: (have: number, bytes: number) => `${size(have)} of ${size(bytes)} downloaded`,
    opponent: (have: number, bytes: number) =>
      `${have < bytes ? `${size(have)} of ` : ''}${size(bytes)}, for the race in Compare`,
    onCard: (bytes: number) => `${size(bytes)} on the card`,
    use: 'Use',
    state: { ready: 'In use', loading: 'Loading', idle: 'Waiting', failed: 'Did not load' },
    goOn: 'Go on',
    remove: 'Delete',
    removeSure: (bytes: number) => `Delete ${size(bytes)}?`,
    nameOf: (action: string, name: string) => `${action}: ${name}`,
  },

  hub: {
    title: 'From the hub',
    offered: {
      'dllm-hub/ModernBERT-base-chat-v0.1': 'Chats. 150M parameters.',
      'dllm-hub/ModernBERT-large-chat-v0.1': 'Chats better. 395M parameters.',
      'answerdotai/ModernBERT-base': 'Fills in gaps. 150M parameters.',
      'answerdotai/ModernBERT-large': 'Fills in gaps better. 395M parameters.',
    } as Readonly<Record<string, string>>,
    lookUp: 'Look up',
    other: 'Another model of the ModernBERT family',
    placeholder: 'owner/name',
    looking: (id: string) => `Asking about ${id}`,
    about: (id: string, parameters: number) => `${id}, ${short(parameters)} parameters`,
    size: (bytes: number, have: number) =>
      have >= bytes
        ? `${size(bytes)}, all of it here.`
        : have > 0
          ? `${size(bytes - have)} to download, ${size(have)} are here.`
          : `${size(bytes)} to download.`,
    noRoom: (free: number) =>
      `The browser gives this page room for ${size(free)} more. What does not fit is kept in memory until the page closes.`,
    obstacles: {
      buffer: (name: string, bytes: number, allowed: number) =>
        `It does not fit here: ${name} takes ${size(bytes)}, and this graphics card allows ${size(allowed)} in one piece.`,
      memory: (_: string, bytes: number, allowed: number) =>
        `It may not fit here: it takes about ${size(bytes)}, and half of this machine's memory is ${size(allowed)}.`,
      heads: (_: string, dim: number, allowed: number) =>
        `It does not run here: its heads have ${dim} dimensions, and at most ${allowed}, an even number, are supported.`,
    },
    instead: (precision: string) => `It would fit with weights as ${precision}.`,
    insteadLength: (tokens: number) => `Texts of up to ${tokens} tokens would fit.`,
    noInstead: 'Choose a smaller model.',
    takePrecision: (precision: string) => `Use ${precision}`,
    download: 'Download',
    goOn: 'Go on with the download',
    address: 'Address of the hub',
    addressHelp: 'A mirror, or a server in your classroom (npm run serve-models).',
    addressWrong: 'An address starts with https:// or http://.',
    reset: 'Use huggingface.co',
  },

  fetch: {
    title: (name: string) => `Downloading ${name}`,
    keeping: (name: string) => `Copying ${name}`,
    starting: 'Starting',
    progress: (loaded: number, total: number) => `${size(loaded)} of ${size(total)}`,
    rate: (bytes: number) => `${megabytes(bytes)}/s`,
    left: (seconds: number) => `${duration(seconds)} left`,
    cancel: 'Cancel',
    cancelHelp: 'What has come stays; you can go on later.',
    inMemory: "The browser's storage is full: the rest stays in memory until the page closes.",
    again: 'Go on',
    dismiss: 'Dismiss',
  },

  disk: {
    title: 'From your files',
    help: 'A folder with config.json, tokenizer.json and model.safetensors. Drop it here, or choose it.',
    folder: 'Choose a folder',
    files: 'Choose files',
    chosen: (name: string, bytes: number) => `${name}, ${size(bytes)}`,
    missing: (names: string) => `Not among them: ${names}.`,
    use: 'Use now',
    keep: 'Keep in this browser',
    unnamed: 'my model',
    fromDisk: (name: string) => `${name} (from disk)`,
  },

  precision: {
    title: 'Weights on the card',
    sizes: (name: string) => `The sizes are those of ${name}.`,
    names: { stored: 'As stored', f16: 'Half (f16)', int8: 'Eight bits (int8)' },
    help: {
      stored: 'Exactly what the file holds.',
      f16: 'Half the memory of f32; hardly a difference.',
      int8: 'A quarter of the memory of f32; some words will differ.',
    },
  },

  storage: {
    used: (bytes: number) => (bytes === 0 ? 'Nothing is stored yet.' : `Models take ${size(bytes)}.`),
    quota: (free: number) => `The browser allows ${size(free)} more.`,
    persisted: 'It will not clear them by itself.',
    notPersisted: 'It may clear them when the disk is nearly full.',
    persist: 'Ask it not to',
    persistRefused: 'The browser decides by itself, and has not agreed.',
    notLasting: 'This window keeps nothing: models run from memory and are gone when the page closes.',
  },
} as const;

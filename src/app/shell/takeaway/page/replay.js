/*
 * Replays a recorded run in a file of its own: this script, a style sheet and the run are all there is, and nothing is
 * asked of any network. It reads the trace format of the program that wrote it (version 2, a tree of branches).
 */
(async () => {
  const at = (id) => document.getElementById(id);
  const words = JSON.parse(at('words').textContent);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
  const number = new Intl.NumberFormat(words.language);
  const twoDigits = new Intl.NumberFormat(words.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const wholePercent = new Intl.NumberFormat(words.language, { style: 'percent' });
  const finePercent = new Intl.NumberFormat(words.language, { style: 'percent', maximumFractionDigits: 1 });
  const percent = (p) => {
    if (p > 0 && p < 0.001) return `<${finePercent.format(0.001)}`;
    if (p < 1 && p > 0.995) return `>${wholePercent.format(0.99)}`;
    return (p < 0.01 ? finePercent : wholePercent).format(p);
  };

  const packed = Uint8Array.from(atob(at('run').textContent.trim()), (sign) => sign.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const file = JSON.parse(await new Response(unpacked).text());
  const { pieces, maskId } = file;
  const [MASKED, REVEALED, REMASKED, PINNED] = [1, 2, 3, 4];
  const isOpen = (state) => state === MASKED || state === REMASKED;

  /* A branch stores what it does not share with its parent. */
  const branches = new Map();
  for (const branch of file.branches) {
    const parent = branches.get(branch.parent);
    branches.set(branch.id, {
      start: branch.start ?? parent.start,
      steps: [...(parent?.steps.slice(0, branch.step) ?? []), ...branch.steps],
      edits: [...(parent?.edits.filter(({ before }) => before < branch.step) ?? []), ...branch.edits],
    });
  }

  /* A token's text: space before, the word, line breaks after. */
  function wordOf(piece) {
    if (/^\s*$/.test(piece)) {
      const breaks = piece.replace(/[^\n]/g, '');
      if (breaks) return { lead: '', body: '↵'.repeat(breaks.length), trail: breaks, sign: words.newline };
      return { lead: '', body: '␣', trail: '', sign: words.space };
    }
    const [, lead, body, trail] = /^(\s*)(.*?)(\s*)$/s.exec(piece);
    return { lead, body, trail };
  }

  /* Every slot after `n` steps: its id and state, the step that wrote it and how surely, and how it looks. */
  function slotsAt({ start, steps, edits }, n) {
    const slots = start.ids.map((id, i) => ({ id, state: start.states[i], wrote: -1, wroteId: -1, again: false }));
    for (let step = 0; step <= n; step++) {
      for (const edit of edits) {
        if (edit.before !== step) continue;
        const slot = slots[edit.slot];
        slot.id = edit.id;
        slot.state = edit.state;
        if (edit.state === REMASKED) slot.again = true;
      }
      if (step === n || !steps[step]) break;
      const { revealed, revealedIds, remasked } = steps[step];
      revealed.forEach((place, i) => {
        const slot = slots[place];
        if (slot.wrote !== -1) slot.again = true;
        Object.assign(slot, { id: revealedIds[i], wroteId: revealedIds[i], state: REVEALED, wrote: step });
      });
      for (const place of remasked) Object.assign(slots[place], { id: maskId, state: REMASKED, again: true });
    }
    const ended = n === steps.length ? steps[n - 1]?.ended : undefined;
    const end = ended && !edits.some(({ before, slot }) => before >= n && slot >= ended.from && slot < ended.to);
    slots.forEach((slot, place) => {
      slot.last = slot.wrote;
      if (slot.wroteId !== slot.id) slot.wrote = -1;
      slot.open = isOpen(slot.state);
      slot.probability = slot.wrote < 0 ? Number.NaN : probabilityIn(steps[slot.wrote], place);
      slot.names = namesOf(slot, n, end && place >= ended.to);
    });
    return slots;
  }

  function namesOf({ open, state, again, last, probability }, n, unneeded) {
    if (open && unneeded) return ['mask', 'unneeded'];
    const names = again ? ['again'] : [];
    if (open) names.push('mask');
    else if (state === 0) names.push('given');
    else if (state === PINNED) names.push('pinned');
    else {
      if (last >= 0 && last === n - 1) names.push('now');
      if (probability < 0.3) names.push('unsure');
      else if (probability < 0.6) names.push('halfsure');
    }
    return names;
  }

  function probabilityIn({ prediction }, place) {
    const row = prediction.slots.indexOf(place);
    return row < 0 ? Number.NaN : Math.exp(prediction.logProbs[row]);
  }

  /* What the rest of the run writes into a slot that is open now: a mask has the width of its word. */
  function laterIds({ steps, edits }, n, slots) {
    const later = new Map();
    const note = (place, id) => slots[place].open && !later.has(place) && later.set(place, id);
    for (let step = n; step <= steps.length; step++) {
      for (const edit of edits) if (edit.before === step && step > n && !isOpen(edit.state)) note(edit.slot, edit.id);
      steps[step]?.revealed.forEach((place, i) => {
        note(place, steps[step].revealedIds[i]);
      });
    }
    return later;
  }

  let trace = branches.get(file.current);
  let playhead = 0;
  let shown = [];
  let selected = -1;
  let playing = false;
  let due = 0;
  const canvas = at('canvas');
  const seek = at('seek');
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;

  function build() {
    canvas.replaceChildren(
      ...trace.start.ids.flatMap((_, place) => {
        const slot = document.createElement('span');
        slot.dataset.slot = String(place);
        slot.setAttribute('role', 'option');
        slot.tabIndex = place === 0 ? 0 : -1;
        return [new Text(), slot, new Text()];
      }),
    );
    seek.max = String(trace.steps.length);
    drawBars();
  }

  function paint() {
    shown = slotsAt(trace, playhead);
    const later = laterIds(trace, playhead, shown);
    shown.forEach((slot, place) => {
      const element = canvas.children[place];
      const known = slot.open ? later.get(place) : slot.id;
      const { lead, body, trail, sign } = wordOf(known === undefined ? ' nnnr' : (pieces[known] ?? ''));
      element.previousSibling.data = lead;
      element.nextSibling.data = trail;
      element.textContent = slot.open ? '' : body;
      if (slot.open) element.dataset.room = body;
      else delete element.dataset.room;
      const names = [
        'slot',
        ...slot.names,
        ...(lead === '' ? ['joined'] : []),
        ...(sign && !slot.open ? ['sign'] : []),
      ];
      const name = names.join(' ');
      if (element.className !== name) element.className = name;
      element.setAttribute('aria-label', labelOf(slot, place));
      element.setAttribute('aria-selected', String(place === selected));
    });
    seek.value = String(playhead);
    const written = fill(words.step, { playhead: number.format(playhead), total: number.format(trace.steps.length) });
    at('step').textContent = written;
    seek.setAttribute('aria-valuetext', written);
    at('back').disabled = playhead === 0;
    at('forward').disabled = playhead === trace.steps.length;
    at('now').setAttribute('x', String(playhead - 1));
    at('now').setAttribute('visibility', playhead > 0 ? 'visible' : 'hidden');
    at('played').setAttribute('width', String(playhead));
    inspect(selected);
  }

  function wordAt({ open, id }) {
    if (open) return words.mask;
    const { body, sign } = wordOf(pieces[id] ?? '');
    return sign ?? body;
  }

  function labelOf(slot, place) {
    const { open, state, again, wrote, probability } = slot;
    const said = {
      0: words.given,
      [PINNED]: words.pinned,
      [MASKED]: again ? words.maskedAgain : '',
      [REMASKED]: words.maskedAgain,
    }[state];
    const how =
      open || wrote < 0
        ? said
        : fill(words.written, { step: number.format(wrote + 1), probability: percent(probability) });
    return fill(words.slot, { slot: number.format(place + 1), word: wordAt(slot), state: how ?? '' });
  }

  /* The bars: one per step, as high as the number of words it wrote, in a drawing that is stretched to the page. */
  function drawBars() {
    const counts = trace.steps.map(({ revealed }) => revealed.length);
    const highest = Math.max(1, ...counts);
    const path = counts.map((count, step) => {
      const height = (count / highest) * 62;
      return `M${step + 0.1} 100v${-height}h.8v${height}z`;
    });
    at('bars').setAttribute('viewBox', `0 0 ${Math.max(1, counts.length)} 100`);
    at('bar-shape').setAttribute('d', path.join(''));
    const means = trace.steps.map(({ revealed }, step) => {
      const sure = revealed.map((place) => probabilityIn(trace.steps[step], place)).filter((p) => !Number.isNaN(p));
      return sure.length ? `${step + 0.5},${100 - (100 * sure.reduce((sum, p) => sum + p, 0)) / sure.length}` : '';
    });
    at('mean').setAttribute('points', means.filter(Boolean).join(' '));
    at('all').setAttribute('width', String(counts.length));
  }

  /* What is known about one slot: the same as the program's inspector says. */
  function inspect(place) {
    const panel = at('inspector');
    const slot = shown[place];
    at('hint').hidden = slot !== undefined;
    panel.hidden = slot === undefined;
    if (!slot) return;
    const { open, state, wrote, probability } = slot;
    const make = (tag, text, name) => {
      const element = document.createElement(tag);
      if (text !== undefined) element.textContent = text;
      if (name) element.className = name;
      return element;
    };
    let asked = wrote >= 0 ? wrote : state === 0 ? -1 : Math.min(playhead, trace.steps.length - 1);
    while (asked >= 0 && !trace.steps[asked].prediction.slots.includes(place)) asked = wrote >= 0 ? -1 : asked - 1;
    const prediction = trace.steps[asked]?.prediction;
    const row = prediction ? prediction.slots.indexOf(place) : -1;
    const facts = [];
    if (wrote >= 0) facts.push([words.writtenAt, number.format(wrote + 1)]);
    else if (open && asked >= 0) facts.push([words.askedAt, number.format(asked + 1)]);
    if (!Number.isNaN(probability)) facts.push([words.probability, percent(probability)]);
    if (row >= 0) facts.push([words.entropy, fill(words.nats, { value: twoDigits.format(prediction.entropy[row]) })]);
    const list = make('dl');
    for (const [name, value] of facts) {
      const line = make('div');
      line.append(make('dt', name), make('dd', value));
      list.append(line);
    }
    panel.replaceChildren(
      make('h2', fill(words.slotTitle, { slot: number.format(place + 1) })),
      make('p', wordAt(slot), open ? 'big open' : 'big'),
      list,
    );
    if (state === 0) panel.append(make('p', words.givenNote, 'note'));
    if (state === PINNED) panel.append(make('p', words.pinnedNote, 'note'));
    if (row < 0 || prediction.topK === 0) return;
    const could = Array.from({ length: prediction.topK }, (_, rank) => ({
      id: prediction.topIds[row * prediction.topK + rank],
      probability: Math.exp(prediction.topLogProbs[row * prediction.topK + rank]),
    })).filter((one) => one.probability > 0);
    if (wrote >= 0 && !could.some(({ id }) => id === slot.id)) could.push({ id: slot.id, probability });
    const rows = make('ol');
    for (const one of could) {
      const { body, lead, sign } = wordOf(pieces[one.id] ?? '');
      const line = make('li', undefined, !open && one.id === slot.id ? 'alternative chosen' : 'alternative');
      const bar = make('i');
      bar.style.width = `${Math.max(0.5, one.probability * 100)}%`;
      const track = make('span', undefined, 'track');
      track.append(bar);
      const text = sign ?? (lead === '' && /^\p{L}/u.test(body) ? `·${body}` : body);
      line.append(make('span', text, 'word'), track, make('span', percent(one.probability), 'share'));
      rows.append(line);
    }
    panel.append(make('h3', open || state === PINNED ? words.thinks : words.could), rows);
  }

  function go(to) {
    playhead = Math.max(0, Math.min(to, trace.steps.length));
    paint();
  }

  function play(on) {
    playing = on;
    clearTimeout(due);
    at('play').setAttribute('aria-label', on ? words.pause : words.play);
    at('play').dataset.playing = String(on);
    if (!on) return;
    if (playhead === trace.steps.length) go(0);
    const next = () => {
      go(playhead + 1);
      if (playhead === trace.steps.length) play(false);
      else wait();
    };
    const wait = () => {
      due = setTimeout(next, 1000 / Number(at('speed').value));
    };
    wait();
  }

  function step(by) {
    play(false);
    go(playhead + by);
  }

  function select(place, focus) {
    const element = canvas.children[place];
    if (!element) return;
    canvas.children[Math.max(selected, 0)].tabIndex = -1;
    canvas.children[Math.max(selected, 0)].setAttribute('aria-selected', 'false');
    selected = place;
    element.tabIndex = 0;
    element.setAttribute('aria-selected', 'true');
    if (focus) element.focus();
    inspect(place);
  }

  /* The slot above or below, by where it is drawn. */
  function neighbour(place, direction) {
    const from = canvas.children[place].getBoundingClientRect();
    const middle = (box) => box.left + box.width / 2;
    let best = place;
    let least = Number.POSITIVE_INFINITY;
    [...canvas.children].forEach((element, other) => {
      const box = element.getBoundingClientRect();
      const line = (box.top - from.top) * direction;
      const off = 100 * Math.round(line / 8) + Math.abs(middle(box) - middle(from));
      if (line > from.height * 0.6 && off < least) [best, least] = [other, off];
    });
    return best;
  }

  const placeOf = (event) => {
    const slot = event.target.closest?.('[data-slot]');
    return slot ? Number(slot.dataset.slot) : -1;
  };
  canvas.addEventListener(
    'pointerover',
    (event) => event.pointerType === 'mouse' && placeOf(event) >= 0 && inspect(placeOf(event)),
  );
  canvas.addEventListener('pointerleave', () => inspect(selected));
  canvas.addEventListener('click', (event) => placeOf(event) >= 0 && select(placeOf(event), true));
  canvas.addEventListener('focusin', (event) => placeOf(event) !== selected && select(placeOf(event), false));
  canvas.addEventListener('keydown', (event) => {
    const place = placeOf(event);
    const to = {
      ArrowLeft: () => place - 1,
      ArrowRight: () => place + 1,
      ArrowUp: () => neighbour(place, -1),
      ArrowDown: () => neighbour(place, 1),
      Home: () => 0,
      End: () => trace.start.ids.length - 1,
    }[event.key]?.();
    if (place < 0 || to === undefined) return;
    event.preventDefault();
    select(to, true);
  });
  addEventListener('keydown', (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === ' ' && !event.target.closest?.('button, select, summary')) {
      event.preventDefault();
      play(!playing);
    } else if (event.key === ',') step(-1);
    else if (event.key === '.') step(1);
  });
  at('play').addEventListener('click', () => play(!playing));
  at('back').addEventListener('click', () => step(-1));
  at('forward').addEventListener('click', () => step(1));
  seek.addEventListener('input', () => {
    play(false);
    go(Number(seek.value));
  });
  at('branch')?.addEventListener('change', ({ target }) => {
    trace = branches.get(Number(target.value));
    selected = -1;
    const before = playhead;
    build();
    play(false);
    go(before);
  });

  build();
  document.body.classList.add('live');
  go(still ? trace.steps.length : 0);
  if (!still) play(true);
})();

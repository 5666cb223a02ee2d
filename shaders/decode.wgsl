// The decoder, the softmax and the draw in one pass over the vocabulary. A workgroup takes SLOTS asked slots and 256
// tokens: each thread multiplies SLOTS hidden rows with four embedding rows in registers, then the SLOTS × 256 logits are
// boiled down to a Summary per slot: decode_staged and decode_subgroup do the first, `finish` the second. Only where the
// best tokens are asked for are the logits put down, for merge.wgsl to choose from. Many slots share what is read of the
// table; for few, a small SLOTS spares the work for slots that nobody asked about.
//
// The slots of a dispatch may belong to several sequences, each with its own noise and temperature.
//
// Drawing by Gumbel-max (argmax of logit + temperature · noise) needs no second pass over a normalised distribution.
// Guidance costs nothing here: the decoder is linear, so it is applied to hidden rows instead of logits.

override VOCAB_TILES: u32;       // of all parts of the decoder together
override FIRST_TILE: u32 = 0u;   // of this part
override SLOTS: u32 = 8u;        // 2 or 8; any power of two up to 8 works

@group(0) @binding(0) var<uniform> request: Request;
@group(0) @binding(1) var<storage, read> hidden: array<vec4f>;   // [rows, K]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;     // [VOCAB_TILES · 256]
@group(0) @binding(4) var<storage, read> asked: array<Asked>;
@group(0) @binding(5) var<storage, read> suppress: array<u32>;   // one bit per id, set also past the vocabulary's end
@group(0) @binding(6) var<storage, read_write> summaries: array<Summary>;    // [slot, VOCAB_TILES]
@group(0) @binding(7) var<storage, read_write> kept: array<vec4f>;           // [slot, VOCAB_TILES · 64]: logits

const MOST_SLOTS = 8u;
const QUADS = 64u;               // groups of four tokens in a tile; also the threads
override LANES = 64u / SLOTS;    // threads per slot once the logits are there
const SUMS = 8u;                 // partial sums of a slot: the same, however many slots a workgroup has, for the same bits

var<workgroup> logits: array<vec4f, SLOTS * QUADS>; // later, of each quad: its sums of exponentials
var<workgroup> shared_best: array<f32, SLOTS * QUADS>;
var<workgroup> shared_sums: array<vec2f, 64>;
var<workgroup> shared_draws: array<Draw, 64>;

/// The `index`-th asked slot of this dispatch, or the last.
fn asked_at(index: u32) -> u32 {
  return request.first + min(index, request.count - 1u);
}

/// Where an asked slot's hidden rows begin in `hidden`, in vectors.
fn rows_of(a: u32) -> vec2u {
  if (request.guided == 0u) { return vec2u(asked[a].conditional * (K / 4u)); }
  return vec2u(asked[a].conditional, asked[a].unconditional) * (K / 4u);
}

fn guidance_of(a: u32) -> f32 {
  if (request.guided == 0u) { return 0.0; }
  return asked[a].guidance;
}

fn hidden_row(rows: vec2u, guidance: f32, k: u32) -> vec4f {
  let c = hidden[rows.x + k];
  if (request.guided == 0u) { return c; }
  let u = hidden[rows.y + k];
  return select(u + (guidance + 1.0) * (c - u), c, guidance == 0.0);
}

/// From the logits of `sums`, SLOTS rows of four tokens per thread, to the summaries of workgroup `group`.
fn finish(sums: ptr<function, array<vec4f, MOST_SLOTS>>, group: vec3u, lane: u32) {
  let begin = group.x * SLOTS;
  let tile = FIRST_TILE + group.y;
  let quad = tile * QUADS + lane;
  let bits = suppress[quad / 8u] >> (4u * (quad % 8u));
  let banned = (vec4u(bits) & vec4u(1u, 2u, 4u, 8u)) != vec4u(0u);
  let scale = row_scale(group.y * QUADS + lane);
  for (var s = 0u; s < SLOTS; s++) {
    let logit = select((*sums)[s] * scale + bias[quad], vec4f(NEVER), banned);
    logits[s * QUADS + lane] = logit;
    shared_best[s * QUADS + lane] = max4(logit);
    if (request.top_k > 0u && begin + s < request.count) {
      kept[((begin + s) * VOCAB_TILES + tile) * QUADS + lane] = logit;
    }
  }
  workgroupBarrier();

  let index = begin + lane / LANES;
  let mine = lane / LANES * QUADS; // where this thread's slot begins
  let out = min(index, request.count - 1u) * VOCAB_TILES + tile;
  summarise(mine, lane, asked_at(index), tile, out, index < request.count);
}

fn summarise(mine: u32, lane: u32, a: u32, tile: u32, out: u32, answered: bool) {
  let temperature = asked[a].temperature;
  let key = asked[a].key;
  let slot = asked[a].slot;
  var highest = NEVER;
  for (var g = 0u; g < QUADS; g++) { highest = max(highest, shared_best[mine + g]); }
  var sum = vec2f(0.0);
  var best = NO_DRAW;
  for (var g = lane % LANES; g < QUADS; g += LANES) {
    let logit = logits[mine + g];
    let d = max(logit - highest, vec4f(NEGLIGIBLE));
    let e = exp(d);
    var noisy = logit;
    let id = tile * 256u + 4u * g;
    if (temperature > 0.0) {
      let noise = vec4f(gumbel_pair(key, slot, id / 2u), gumbel_pair(key, slot, id / 2u + 1u));
      noisy = select(vec4f(NEVER), logit + temperature * noise, logit > vec4f(NEVER));
    }
    for (var c = 0u; c < 4u; c++) {
      best = better_draw(best, Draw(noisy[c], id + c, logit[c]));
    }
    let quad = vec2f(dot(e, vec4f(1.0)), dot(e, d));
    if (LANES > SUMS) { logits[mine + g] = vec4f(quad, 0.0, 0.0); } else { sum += quad; }
  }
  shared_draws[lane] = best;
  if (LANES > SUMS) {
    workgroupBarrier();
    if (lane % LANES < SUMS) {
      for (var g = lane % LANES; g < QUADS; g += SUMS) { sum += logits[mine + g].xy; }
    }
  }
  shared_sums[lane] = sum;
  workgroupBarrier();
  if (lane % LANES != 0u || !answered) { return; }
  for (var i = 1u; i < SUMS; i++) { sum += shared_sums[lane + i]; }
  for (var i = 1u; i < LANES; i++) { best = better_draw(best, shared_draws[lane + i]); }
  summaries[out] = Summary(highest, sum.x, sum.y, best);
}

// The answer for one slot from its tiles: one workgroup per asked slot. Sums of exponentials are brought to the common
// maximum; the best tokens are chosen from the logits.

override VOCAB_TILES: u32;

@group(0) @binding(0) var<uniform> request: Request;
@group(0) @binding(1) var<storage, read> summaries: array<Summary>;
@group(0) @binding(2) var<storage, read> kept: array<vec4f>; // [slot, VOCAB_TILES · 64]: logits
@group(0) @binding(3) var<storage, read_write> answers: array<u32>; // [slot]: id, log p, entropy, lse, ids[k], log p[k]

const LANES = 128u; // at least MOST_ALTERNATIVES
const ROOM = 512u;
const NOBODY = Candidate(-3.4e38, NO_ID); // behind everything

var<workgroup> shared_max: array<f32, LANES>;
var<workgroup> shared_sums: array<vec2f, LANES>;
var<workgroup> shared_draws: array<Draw, LANES>;
var<workgroup> leaders: array<Candidate, LANES>;
var<workgroup> ahead: array<Candidate, ROOM>;
var<workgroup> bound: Candidate;
var<workgroup> found: atomic<u32>;
var<workgroup> total: u32;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tiles = group.x * VOCAB_TILES;
  let out = (request.first + group.x) * (4u + 2u * request.top_k);

  var best = NO_DRAW;
  var highest = NEVER;
  for (var t = lane; t < VOCAB_TILES; t += LANES) {
    let tile = summaries[tiles + t];
    highest = max(highest, tile.highest);
    best = better_draw(best, tile.draw);
  }
  shared_max[lane] = highest;
  shared_draws[lane] = best;
  workgroupBarrier();
  let busy = min(LANES, VOCAB_TILES); // lanes that have a tile
  for (var i = 0u; i < busy; i++) { highest = max(highest, shared_max[i]); }

  // Σ (x − m') e^(x − m') = e^(m − m') (Σ (x − m) e^(x − m) + (m − m') Σ e^(x − m)) for a new maximum m'.
  var sum = vec2f(0.0);
  for (var t = lane; t < VOCAB_TILES; t += LANES) {
    let tile = summaries[tiles + t];
    let d = max(tile.highest - highest, NEGLIGIBLE);
    sum += exp(d) * vec2f(tile.sum, tile.weighted + d * tile.sum);
  }
  shared_sums[lane] = sum;
  workgroupBarrier();
  sum = vec2f(0.0);
  for (var i = 0u; i < busy; i++) { sum += shared_sums[i]; }
  let lse = highest + log(sum.x);

  if (lane == 0u) {
    for (var i = 1u; i < busy; i++) { best = better_draw(best, shared_draws[i]); }
    let none = best.logit <= NEVER;
    answers[out] = select(best.id, NO_ID, none);
    answers[out + 1u] = select(bitcast<u32>(best.logit - lse), MINUS_INFINITY, none);
    answers[out + 2u] = select(bitcast<u32>(log(sum.x) - sum.y / sum.x), 0u, none);
    answers[out + 3u] = select(bitcast<u32>(lse), MINUS_INFINITY, none);
  }
  if (request.top_k > 0u) { list_top(tiles * 64u, lane, out + 4u, lse); }
}

/// The top_k-th of the lanes' leaders is a lower bound of the top_k-th token of all, and few tokens reach it: those are
/// collected and ranked by counting who is before. Where more reach it than there is room for, the top_k-th of those in
/// the room is a higher bound, so that the search ends.
fn list_top(quads: u32, lane: u32, out: u32, lse: f32) {
  let k = request.top_k;
  var leader = NOBODY;
  for (var q = lane; q < VOCAB_TILES * 64u; q += LANES) {
    let logit = kept[quads + q];
    if (max4(logit) <= leader.logit) { continue; } // ties go to the smaller id, which came first
    for (var c = 0u; c < 4u; c++) {
      let own = Candidate(logit[c], 4u * q + c);
      if (before(own, leader)) { leader = own; }
    }
  }
  leaders[lane] = leader;
  workgroupBarrier();
  var rank = 0u;
  for (var i = 0u; i < LANES; i++) { rank += u32(before(leaders[i], leader)); }
  if (rank == k - 1u) { bound = leader; }

  loop {
    let least = workgroupUniformLoad(&bound);
    if (lane == 0u) { atomicStore(&found, 0u); }
    workgroupBarrier();
    for (var q = lane; q < VOCAB_TILES * 64u; q += LANES) {
      let logit = kept[quads + q];
      if (max4(logit) < least.logit) { continue; }
      for (var c = 0u; c < 4u; c++) {
        let own = Candidate(logit[c], 4u * q + c);
        if (before(least, own)) { continue; }
        let at = atomicAdd(&found, 1u);
        if (at < ROOM) { ahead[at] = own; }
      }
    }
    workgroupBarrier();
    if (lane == 0u) { total = atomicLoad(&found); }
    if (workgroupUniformLoad(&total) <= ROOM) { break; }
    for (var i = lane; i < ROOM; i += LANES) {
      if (rank_of(ahead[i], ROOM) == k - 1u) { bound = ahead[i]; }
    }
  }

  for (var i = lane; i < total; i += LANES) {
    let own = ahead[i];
    let place = rank_of(own, total);
    if (place >= k) { continue; }
    let none = own.logit <= NEVER;
    answers[out + place] = select(own.id, NO_ID, none);
    answers[out + k + place] = select(bitcast<u32>(own.logit - lse), MINUS_INFINITY, none);
  }
}

/// How many of the first `count` tokens in the room stand before this one.
fn rank_of(own: Candidate, count: u32) -> u32 {
  var rank = 0u;
  for (var i = 0u; i < count; i++) { rank += u32(before(ahead[i], own)); }
  return rank;
}

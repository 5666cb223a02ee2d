// The answer for one slot from its tiles: one workgroup per asked slot.
// Sums of exponentials are brought to the common maximum; sorted lists are merged by rank.

override VOCAB_TILES: u32;

@group(0) @binding(0) var<uniform> request: Request;
@group(0) @binding(1) var<storage, read> summaries: array<Summary>;
@group(0) @binding(2) var<storage, read> candidates: array<Candidate>;
@group(0) @binding(3) var<storage, read_write> answers: array<u32>; // [slot]: id, log p, entropy, lse, ids[k], log p[k]

const LANES = 64u;

var<workgroup> shared_max: array<f32, LANES>;
var<workgroup> shared_sums: array<vec2f, LANES>;
var<workgroup> shared_draws: array<Draw, LANES>;
var<workgroup> order: array<u32, MAX_TOP>;

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
  for (var i = 0u; i < LANES; i++) { highest = max(highest, shared_max[i]); }

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
  for (var i = 0u; i < LANES; i++) { sum += shared_sums[i]; }
  let lse = highest + log(sum.x);

  if (lane == 0u) {
    for (var i = 1u; i < LANES; i++) { best = better_draw(best, shared_draws[i]); }
    let none = best.logit <= NEVER;
    answers[out] = select(best.id, NO_ID, none);
    answers[out + 1u] = select(bitcast<u32>(best.logit - lse), MINUS_INFINITY, none);
    answers[out + 2u] = select(bitcast<u32>(log(sum.x) - sum.y / sum.x), 0u, none);
    answers[out + 3u] = select(bitcast<u32>(lse), MINUS_INFINITY, none);
  }
  if (request.top_k > 0u) { merge_top(tiles, lane, out + 4u, lse); }
}

/// The entry at place j of the tile whose head has rank r has at least r + j others before it, so only r + j < k count.
fn merge_top(tiles: u32, lane: u32, out: u32, lse: f32) {
  let k = request.top_k;
  for (var t = lane; t < VOCAB_TILES; t += LANES) {
    let head = candidates[(tiles + t) * k];
    var rank = 0u;
    for (var i = 0u; i < VOCAB_TILES && rank < k; i++) { rank += u32(before(candidates[(tiles + i) * k], head)); }
    if (rank < k) { order[rank] = t; }
  }
  workgroupBarrier();
  let heads = min(k, VOCAB_TILES);
  for (var c = lane; c < heads * k; c += LANES) {
    if (c / k + c % k >= k) { continue; }
    let own = candidates[(tiles + order[c / k]) * k + c % k];
    var rank = 0u;
    for (var r = 0u; r < heads && rank < k; r++) {
      let list = (tiles + order[r]) * k;
      for (var j = 0u; j + r < k && before(candidates[list + j], own); j++) { rank++; }
    }
    if (rank >= k) { continue; }
    let none = own.logit <= NEVER;
    answers[out + rank] = select(own.id, NO_ID, none);
    answers[out + k + rank] = select(bitcast<u32>(own.logit - lse), MINUS_INFINITY, none);
  }
}

// Attention by way of workgroup memory: four threads to a query, keys and then values staged in tiles of KEYS, each read
// once for QUERIES queries. The form for graphics cards.

override KEYS: u32 = 32u; // 16 or 32

override THREADS: u32 = 4u * QUERIES;
override PITCH: u32 = WIDTH + 1u;       // padded against bank conflicts
override QUADS: u32 = KEYS / 4u;        // quad c of a row of scores: keys c, c + QUADS, c + 2 QUADS, c + 3 QUADS
override GROUPS: u32 = THREADS / WIDTH; // threads in output layout: GROUPS rows at a time, one vec4 of a row each
override OUT_ROWS: u32 = (QUERIES + GROUPS - 1u) / GROUPS; // rows per thread in output layout, at most 8
// Array sizes have names of their own: naga (Firefox, Deno) fails on expressions there.
override QUERY_SIZE: u32 = QUERIES * PITCH;
override TILE_SIZE: u32 = KEYS * PITCH;
override SCORES_SIZE: u32 = QUERIES * (QUADS + 1u);

var<workgroup> query: array<vec4f, QUERY_SIZE>;
var<workgroup> tile: array<vec4f, TILE_SIZE>; // keys, then values
var<workgroup> scores: array<vec4f, SCORES_SIZE>;
var<workgroup> rescale: array<f32, QUERIES>;
var<workgroup> sums: array<f32, THREADS>;

fn stage(span: Span, first: u32, at: u32, lane: u32) {
  for (var i = lane; i < KEYS * WIDTH; i += THREADS) {
    tile[(i / WIDTH) * PITCH + i % WIDTH] = load(span, first + i / WIDTH, at + i % WIDTH);
  }
}

/// Scores of query rows r and r + QUERIES / 2 for a quad of keys: every key that is read serves two queries.
fn score(span: Span, r: u32, quad: u32, row0: u32, first: u32) {
  let r2 = r + QUERIES / 2u;
  var a: mat4x4f; // one column per key, still to be summed over its four components
  var b: mat4x4f;
  for (var c = 0u; c < WIDTH; c++) {
    let qa = query[r * PITCH + c];
    let qb = query[r2 * PITCH + c];
    let k0 = tile[quad * PITCH + c];
    let k1 = tile[(quad + QUADS) * PITCH + c];
    let k2 = tile[(quad + 2u * QUADS) * PITCH + c];
    let k3 = tile[(quad + 3u * QUADS) * PITCH + c];
    a += mat4x4f(qa * k0, qa * k1, qa * k2, qa * k3);
    b += mat4x4f(qb * k0, qb * k1, qb * k2, qb * k3);
  }
  let key = first + quad + vec4u(0u, QUADS, 2u * QUADS, 3u * QUADS);
  scores[r * (QUADS + 1u) + quad] = mask(vec4f(1.0) * a, span, row0 + r, key);
  scores[r2 * (QUADS + 1u) + quad] = mask(vec4f(1.0) * b, span, row0 + r2, key);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let span = spans[group.z];
  if (group.x * QUERIES >= span.rows) { return; } // a shorter sequence than the longest of the batch
  let row0 = span.first + group.x * QUERIES;
  let end = span.first + span.rows;
  let head = group.y;
  for (var i = lane; i < QUERIES * WIDTH; i += THREADS) {
    query[(i / WIDTH) * PITCH + i % WIDTH] = load(span, row0 + i / WIDTH, part_of(0u, head) + i % WIDTH) * SCALE;
  }

  // In softmax layout four threads share a query; each keeps its maximum and a quarter of its sum.
  let r = lane / 4u;
  var highest = LOWEST;
  var sum = 0.0;
  // In output layout a thread owns vec4 `column` of rows owner, owner + GROUPS, …
  let column = lane % WIDTH;
  let owner = lane / WIDTH;
  var out: array<vec4f, 8>;

  let seen = reach(span, row0, min(row0 + QUERIES, end) - 1u, KEYS);
  for (var part = 0u; part < 2u; part++) {
    let start = select(seen.x, seen.z, part == 1u);
    let stop = select(seen.y, seen.w, part == 1u);
    for (var first = start; first < stop; first += KEYS) {
      stage(span, first, part_of(1u, head), lane);
      workgroupBarrier();
      for (var i = lane; i < QUERIES / 2u * QUADS; i += THREADS) { score(span, i / QUADS, i % QUADS, row0, first); }
      workgroupBarrier();

      stage(span, first, part_of(2u, head), lane);
      var peak = vec4f(highest);
      for (var c = 0u; c < QUADS; c++) { peak = max(peak, scores[r * (QUADS + 1u) + c]); }
      let higher = max(max(peak.x, peak.y), max(peak.z, peak.w));
      let shrink = exp(highest - higher);
      highest = higher;
      sum *= shrink;
      workgroupBarrier(); // all four threads of a row have read its scores
      for (var c = lane % 4u; c < QUADS; c += 4u) {
        let p = exp(scores[r * (QUADS + 1u) + c] - higher);
        scores[r * (QUADS + 1u) + c] = p;
        sum += dot(p, vec4f(1.0));
      }
      if (lane % 4u == 0u) { rescale[r] = shrink; }
      workgroupBarrier();

      if (owner < GROUPS) {
        for (var i = 0u; i < OUT_ROWS; i++) { out[i] *= rescale[min(owner + i * GROUPS, QUERIES - 1u)]; }
        for (var c = 0u; c < QUADS; c++) {
          let v0 = tile[c * PITCH + column];
          let v1 = tile[(c + QUADS) * PITCH + column];
          let v2 = tile[(c + 2u * QUADS) * PITCH + column];
          let v3 = tile[(c + 3u * QUADS) * PITCH + column];
          for (var i = 0u; i < OUT_ROWS; i++) {
            let p = scores[min(owner + i * GROUPS, QUERIES - 1u) * (QUADS + 1u) + c];
            var mixed = out[i];
            mixed += p.x * v0;
            mixed += p.y * v1;
            mixed += p.z * v2;
            mixed += p.w * v3;
            out[i] = mixed;
          }
        }
      }
      workgroupBarrier();
    }
  }

  sums[lane] = sum;
  workgroupBarrier();
  if (owner >= GROUPS) { return; }
  for (var i = 0u; i < OUT_ROWS; i++) {
    let row = owner + i * GROUPS;
    if (row >= QUERIES || row0 + row >= end) { return; }
    let whole = sums[4u * row] + sums[4u * row + 1u] + sums[4u * row + 2u] + sums[4u * row + 3u];
    y[(span.row0 + group.x * QUERIES + row) * (Y_STRIDE / 4u) + head * WIDTH + column] = out[i] / whole;
  }
}

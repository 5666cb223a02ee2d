// Attention by way of a subgroup's registers: a thread answers one query of one head by itself, eight keys at a time. Each
// thread of a subgroup reads one of the eight, and the others get it by a shuffle, so nothing passes through workgroup
// memory and nobody waits at a barrier. The form for adapters that are a processor, where both cost dearly and every
// read is checked; a graphics card would want more threads than there are queries.

const KEYS = 8u;
const MOST_WIDTH = 32u;

/// One vector of each of eight keys, or values, over the threads of a subgroup. In one of four, a thread holds two.
struct Eight {
  low: vec4f,  // of key me % 8; in subgroups of four, of key me % 4 …
  high: vec4f, // … and of key 4 + me % 4
}

fn load_eight(span: Span, first: u32, at: u32, me: u32, wide: bool) -> Eight {
  if (wide) {
    let v = load(span, first + me % 8u, at);
    return Eight(v, v);
  }
  return Eight(load(span, first + me % 4u, at), load(span, first + 4u + me % 4u, at));
}

@compute @workgroup_size(QUERIES)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) me: u32,
  @builtin(subgroup_size) subgroup: u32,
) {
  let wide = subgroup >= 8u;
  let up = select(0u, 4u, wide); // the thread that holds the first of the second four
  let span = spans[group.z];
  if (group.x * QUERIES >= span.rows) { return; } // a shorter sequence than the longest of the batch
  let row0 = span.first + group.x * QUERIES;
  let end = span.first + span.rows;
  let row = row0 + lane;
  let head = group.y;

  var query: array<vec4f, MOST_WIDTH>;
  var out: array<vec4f, MOST_WIDTH>;
  for (var c = 0u; c < WIDTH; c++) { query[c] = load(span, row, part_of(0u, head) + c) * SCALE; }
  var highest = LOWEST;
  var sum = 0.0;

  let key = part_of(1u, head);
  let value = part_of(2u, head);
  let seen = reach(span, row0, min(row0 + QUERIES, end) - 1u, KEYS);
  for (var part = 0u; part < 2u; part++) {
    let start = select(seen.x, seen.z, part == 1u);
    let stop = select(seen.y, seen.w, part == 1u);
    for (var first = start; first < stop; first += KEYS) {
      // Scores of four keys, and of the next four. Zeros are written out: Dawn 0.6 does not renew a variable in a loop.
      var a = vec4f(0.0);
      var b = vec4f(0.0);
      for (var c = 0u; c < WIDTH; c++) {
        let q = query[c];
        let k = load_eight(span, first, key + c, me, wide);
        a += vec4f(
          dot(q, subgroupShuffle(k.low, 0u)),
          dot(q, subgroupShuffle(k.low, 1u)),
          dot(q, subgroupShuffle(k.low, 2u)),
          dot(q, subgroupShuffle(k.low, 3u)),
        );
        b += vec4f(
          dot(q, subgroupShuffle(k.high, up)),
          dot(q, subgroupShuffle(k.high, up + 1u)),
          dot(q, subgroupShuffle(k.high, up + 2u)),
          dot(q, subgroupShuffle(k.high, up + 3u)),
        );
      }
      a = mask(a, span, row, first + vec4u(0u, 1u, 2u, 3u));
      b = mask(b, span, row, first + vec4u(4u, 5u, 6u, 7u));
      let peak = max(a, b);
      let higher = max(max(highest, max(peak.x, peak.y)), max(peak.z, peak.w));
      let shrink = exp(highest - higher);
      highest = higher;
      a = exp(a - higher);
      b = exp(b - higher);
      sum = sum * shrink + dot(a, vec4f(1.0)) + dot(b, vec4f(1.0));
      for (var c = 0u; c < WIDTH; c++) {
        let v = load_eight(span, first, value + c, me, wide);
        var mixed = out[c] * shrink;
        mixed += a.x * subgroupShuffle(v.low, 0u);
        mixed += a.y * subgroupShuffle(v.low, 1u);
        mixed += a.z * subgroupShuffle(v.low, 2u);
        mixed += a.w * subgroupShuffle(v.low, 3u);
        mixed += b.x * subgroupShuffle(v.high, up);
        mixed += b.y * subgroupShuffle(v.high, up + 1u);
        mixed += b.z * subgroupShuffle(v.high, up + 2u);
        mixed += b.w * subgroupShuffle(v.high, up + 3u);
        out[c] = mixed;
      }
    }
  }

  if (row >= end) { return; }
  for (var c = 0u; c < WIDTH; c++) {
    y[(span.row0 + row - span.first) * (Y_STRIDE / 4u) + head * WIDTH + c] = out[c] / sum;
  }
}

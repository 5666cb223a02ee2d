// Attention for training (FlashAttention, arXiv 2205.14135): an online softmax over tiles of keys; of the T × T scores
// only the log-sum-exp of each row is kept, so that the way back can compute them again. One thread per query; tiles
// that are hidden from all queries of a workgroup are never visited.

const QUERIES = 64u;

@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [B·length, HEADS, HEAD]
@group(0) @binding(3) var<storage, read_write> log_sums: array<f32>; // [B·length, HEADS]

var<workgroup> keys: array<vec4f, TILE_SIZE>;
var<workgroup> values: array<vec4f, TILE_SIZE>;

@compute @workgroup_size(QUERIES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let length = params.length;
  let head = group.y;
  let canvas = group.z * length;
  let first = group.x * QUERIES;
  let query = min(first + lane, length - 1u);
  let key_head = HEADS + head / SHARED;
  var q: Head;
  var sum: Head;
  for (var c = 0u; c < WIDTH; c++) { q[c] = SCALE * qkv[(canvas + query) * STRIDE + head * WIDTH + c]; }
  var highest = -1e30;
  var total = 0.0;

  let seen = keys_of(query);
  let reach = keys_of_all(first, min(first + QUERIES, length) - 1u);
  for (var part = 0u; part < 2u; part++) {
    let start = select(reach.x, reach.z, part == 1u);
    let stop = select(reach.y, reach.w, part == 1u);
    for (var tile = start; tile < stop; tile += TILE) {
      for (var i = lane; i < TILE * WIDTH; i += QUERIES) {
        let at = (canvas + min(tile + i / WIDTH, length - 1u)) * STRIDE + key_head * WIDTH + i % WIDTH;
        keys[i] = qkv[at];
        values[i] = qkv[at + KEY_HEADS * WIDTH];
      }
      workgroupBarrier();
      let end = min(tile + TILE, stop);
      for (var key = tile; key < end; key++) {
        if (!in_runs(key, seen)) { continue; }
        let at = (key - tile) * WIDTH;
        var score = 0.0;
        for (var c = 0u; c < WIDTH; c++) { score += dot(q[c], keys[at + c]); }
        if (score > highest) {
          let shrink = exp(highest - score);
          total *= shrink;
          for (var c = 0u; c < WIDTH; c++) { sum[c] *= shrink; }
          highest = score;
        }
        let p = exp(score - highest);
        total += p;
        for (var c = 0u; c < WIDTH; c++) { sum[c] += p * values[at + c]; }
      }
      workgroupBarrier();
    }
  }

  if (first + lane >= length) { return; }
  for (var c = 0u; c < WIDTH; c++) { y[((canvas + query) * HEADS + head) * WIDTH + c] = sum[c] / total; }
  log_sums[(canvas + query) * HEADS + head] = highest + log(total);
}

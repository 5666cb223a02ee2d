// The gradient of attention by its queries. With p = exp(q·k − log-sum-exp), dp = dy·v and delta = dy·y, the gradient of
// a score is p (dp − delta) (FlashAttention, arXiv 2205.14135, appendix B). Scores are computed again, tile by tile.
// Leaves delta for the gradient by keys and values.

const QUERIES = 64u;

@group(0) @binding(2) var<storage, read> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read> log_sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> dqkv: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> deltas: array<f32>; // [B·length, HEADS]

var<workgroup> keys: array<vec4f, TILE_SIZE>;
var<workgroup> values: array<vec4f, TILE_SIZE>;

@compute @workgroup_size(QUERIES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let length = params.length;
  let head = group.y;
  let canvas = group.z * length;
  let first = group.x * QUERIES;
  let query = min(first + lane, length - 1u);
  let row = (canvas + query) * HEADS + head;
  let key_head = HEADS + head / SHARED;
  var q: Head;
  var d: Head;
  var sum: Head;
  var delta = 0.0;
  for (var c = 0u; c < WIDTH; c++) {
    q[c] = SCALE * qkv[(canvas + query) * STRIDE + head * WIDTH + c];
    d[c] = dy[row * WIDTH + c];
    delta += dot(d[c], y[row * WIDTH + c]);
  }
  let log_sum = log_sums[row];

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
        var dp = 0.0;
        for (var c = 0u; c < WIDTH; c++) {
          score += dot(q[c], keys[at + c]);
          dp += dot(d[c], values[at + c]);
        }
        let ds = exp(score - log_sum) * (dp - delta);
        for (var c = 0u; c < WIDTH; c++) { sum[c] += ds * keys[at + c]; }
      }
      workgroupBarrier();
    }
  }

  if (first + lane >= length) { return; }
  for (var c = 0u; c < WIDTH; c++) { dqkv[(canvas + query) * STRIDE + head * WIDTH + c] = SCALE * sum[c]; }
  deltas[row] = delta;
}

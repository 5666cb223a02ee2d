// The gradient of attention by its keys and values: the same sums as train_attention_queries, seen from a key. One
// thread per key walks over the queries that see it, in tiles, one after the other of the heads that share the key, so
// that nothing is added by two threads.

const KEYS = 64u;

@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> log_sums: array<f32>;
@group(0) @binding(4) var<storage, read> deltas: array<f32>;
@group(0) @binding(5) var<storage, read_write> dqkv: array<vec4f>;

var<workgroup> queries: array<vec4f, TILE_SIZE>; // times SCALE
var<workgroup> arriving: array<vec4f, TILE_SIZE>;

@compute @workgroup_size(KEYS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let length = params.length;
  let canvas = group.z * length;
  let first = group.x * KEYS;
  let key = min(first + lane, length - 1u);
  let at_key = (canvas + key) * STRIDE + (HEADS + group.y) * WIDTH;
  var k: Head;
  var v: Head;
  var dk: Head;
  var dv: Head;
  for (var c = 0u; c < WIDTH; c++) {
    k[c] = qkv[at_key + c];
    v[c] = qkv[at_key + KEY_HEADS * WIDTH + c];
  }

  let seen = queries_of(key);
  let reach = queries_of_all(first, min(first + KEYS, length) - 1u);
  for (var head = group.y * SHARED; head < (group.y + 1u) * SHARED; head++) {
    for (var part = 0u; part < 2u; part++) {
      let start = select(reach.x, reach.z, part == 1u);
      let stop = select(reach.y, reach.w, part == 1u);
      for (var tile = start; tile < stop; tile += TILE) {
        for (var i = lane; i < TILE * WIDTH; i += KEYS) {
          let row = canvas + min(tile + i / WIDTH, length - 1u);
          queries[i] = SCALE * qkv[row * STRIDE + head * WIDTH + i % WIDTH];
          arriving[i] = dy[(row * HEADS + head) * WIDTH + i % WIDTH];
        }
        workgroupBarrier();
        let end = min(tile + TILE, stop);
        for (var query = tile; query < end; query++) {
          if (!in_runs(query, seen)) { continue; }
          let at = (query - tile) * WIDTH;
          var score = 0.0;
          var dp = 0.0;
          for (var c = 0u; c < WIDTH; c++) {
            score += dot(queries[at + c], k[c]);
            dp += dot(arriving[at + c], v[c]);
          }
          let row = (canvas + query) * HEADS + head;
          let p = exp(score - log_sums[row]);
          let ds = p * (dp - deltas[row]);
          for (var c = 0u; c < WIDTH; c++) {
            dk[c] += ds * queries[at + c];
            dv[c] += p * arriving[at + c];
          }
        }
        workgroupBarrier();
      }
    }
  }

  if (first + lane >= length) { return; }
  for (var c = 0u; c < WIDTH; c++) {
    dqkv[at_key + c] = dk[c];
    dqkv[at_key + KEY_HEADS * WIDTH + c] = dv[c];
  }
}

// The tiles of a row become its log-sum-exp and its cross-entropy.

struct Params {
  rows: u32,
  tiles: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> parts: array<vec2f>;
@group(0) @binding(2) var<storage, read> hits: array<f32>;
@group(0) @binding(3) var<storage, read_write> log_sums: array<f32>;
@group(0) @binding(4) var<storage, read_write> losses: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let start = id.x * params.tiles;
  var highest = parts[start].x;
  for (var t = 1u; t < params.tiles; t++) { highest = max(highest, parts[start + t].x); }
  var sum = 0.0;
  for (var t = 0u; t < params.tiles; t++) { sum += parts[start + t].y * exp(parts[start + t].x - highest); }
  log_sums[id.x] = highest + log(sum);
  losses[id.x] = log_sums[id.x] - hits[id.x];
}

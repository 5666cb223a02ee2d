// dx of a norm: with h = scale · dy and x̂ the normed row, (h − mean(h) − x̂ mean(h x̂)) / σ; without mean(h) where the
// norm subtracts no mean.

override WIDTH: u32;
override CENTRED: bool;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read> moments: array<vec2f>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

var<workgroup> across: array<vec2f, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // One line of 32768 rows after the other.
  let row = group.x + group.y * 32768u;
  if (row >= arrayLength(&moments)) { return; }
  let start = row * WIDTH;
  let moment = moments[row];
  var sums = vec2f();
  for (var c = lane; c < WIDTH; c += 64u) {
    let h = scale[c] * dy[start + c];
    sums += vec2f(h, h * (x[start + c] - moment.x) * moment.y);
  }
  across[lane] = sums;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half /= 2u) {
    if (lane < half) { across[lane] += across[lane + half]; }
    workgroupBarrier();
  }
  let means = across[0] / f32(WIDTH) * vec2f(f32(CENTRED), 1.0);
  for (var c = lane; c < WIDTH; c += 64u) {
    let unit = (x[start + c] - moment.x) * moment.y;
    dx[start + c] = (scale[c] * dy[start + c] - means.x - unit * means.y) * moment.y;
  }
}

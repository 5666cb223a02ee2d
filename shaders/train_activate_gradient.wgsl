// The gradient of train_activate: with u activated and g the gate, du = dy g f'(u) and dg = dy f(u).

override WIDTH: u32;
override GATED: bool;

@group(0) @binding(0) var<storage, read> x: array<f32>; // [rows, WIDTH], or [rows, 2, WIDTH]
@group(0) @binding(1) var<storage, read> dy: array<f32>; // [rows, WIDTH]
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= WIDTH) { return; }
  let arriving = dy[id.y * WIDTH + id.x];
  if (GATED) {
    let at = id.y * 2u * WIDTH + id.x;
    let f = activated(x[at]);
    dx[at] = arriving * x[at + WIDTH] * f.y;
    dx[at + WIDTH] = arriving * f.x;
  } else {
    dx[id.y * WIDTH + id.x] = arriving * activated(x[id.y * WIDTH + id.x]).y;
  }
}

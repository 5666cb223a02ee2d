// What the kernels of attention in training share: the sizes, where queries, keys and values lie, and who sees whom.

override HEADS: u32;
override HEAD: u32; // a multiple of 4, at most 64
override LEFT: u32; // keys seen before the query …
override RIGHT: u32; // … and after it
override SCALE: f32; // 1 / √HEAD
override WIDTH: u32 = HEAD / 4u;
override TILE_SIZE: u32 = 32u * WIDTH;

struct Params {
  length: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [B·length, 3, HEADS, HEAD], turned by position

/// Whether the window hides a key from a query.
fn hidden(query: u32, key: u32) -> bool { return key + LEFT < query || key > query + RIGHT; }

/// The first and last row that rows `first` to `first + count` of a canvas see, `before` and `after` themselves.
fn seen_by(first: u32, count: u32, before: u32, after: u32) -> vec2u {
  let last = min(min(first + count, params.length) - 1u + after, params.length - 1u);
  return vec2u(first - min(first, before), last);
}

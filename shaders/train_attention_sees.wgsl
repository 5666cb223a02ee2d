// What the kernels of attention in training share: the sizes, where queries, keys and values lie, and who sees whom
// (`Sees` of src/model/arch.ts). Before it stands one of train_head_64 and train_head_128: the numbers of a head.

override HEADS: u32; // of queries
override KEY_HEADS: u32; // each shared by HEADS / KEY_HEADS of queries
override HEAD: u32; // a multiple of 4
override SCALE: f32; // 1 / √HEAD
override PATTERN: u32; // 0 window, 1 blocks, 2 noisy and clean
override LEFT: u32 = 0u; // window: keys seen before the query …
override RIGHT: u32 = 0u; // … and after it
override BLOCK: u32 = 1u; // positions of a block
override WIDTH: u32 = HEAD / 4u;
override SHARED: u32 = HEADS / KEY_HEADS;
override STRIDE: u32 = (HEADS + 2u * KEY_HEADS) * WIDTH; // of a row of qkv
override TILE_SIZE: u32 = TILE * WIDTH;

struct Params {
  length: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [B·length, HEADS + 2 KEY_HEADS, HEAD], turned by position

fn hidden(query: u32, key: u32) -> bool {
  if (PATTERN == 0u) { return key + LEFT < query || key > query + RIGHT; }
  if (PATTERN == 1u) { return key / BLOCK > query / BLOCK; }
  let half = params.length / 2u;
  if (query >= half) { return key < half || (key - half) / BLOCK > (query - half) / BLOCK; }
  if (key < half) { return key / BLOCK != query / BLOCK; }
  return (key - half) / BLOCK >= query / BLOCK;
}

/// The first and last key that queries `first` to `first + count` of a canvas may see.
fn keys_of(first: u32, count: u32) -> vec2u {
  let end = params.length - 1u;
  let last = min(first + count - 1u, end);
  if (PATTERN == 0u) { return vec2u(first - min(first, LEFT), min(last + RIGHT, end)); }
  if (PATTERN == 1u) { return vec2u(0u, min(last / BLOCK * BLOCK + BLOCK - 1u, end)); }
  return vec2u(0u, end);
}

/// The first and last query that may see keys `first` to `first + count`.
fn queries_of(first: u32, count: u32) -> vec2u {
  let end = params.length - 1u;
  let last = min(first + count - 1u, end);
  if (PATTERN == 0u) { return vec2u(first - min(first, RIGHT), min(last + LEFT, end)); }
  if (PATTERN == 1u) { return vec2u(first / BLOCK * BLOCK, end); }
  return vec2u(0u, end);
}

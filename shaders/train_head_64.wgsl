// Heads of at most 64 numbers, in registers, and as many rows of a tile as fill 16 KiB with two of such heads.

alias Head = array<vec4f, 16>;
const TILE = 32u;

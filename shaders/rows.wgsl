// Where the rows of a pass stand. A pass runs rows of several sequences side by side, and of each sequence all rows or
// some: every row says where it belongs.

struct Row {
  id: u32,       // of its token
  position: u32, // told to the network: turns queries and keys, or picks a row of the position table
  place: u32,    // row of the layers' queries, keys and values
  hidden: u32,   // row of what the decoder reads
}

#pragma once
// One leaf of a condition: SCHEME:TARGET and its parameters.

#include "cursor.hpp"

namespace toolkit::condition {

/// Reads a leaf whose scheme and colon are known to be at the cursor.
[[nodiscard]] Parsed<Leaf> read_leaf(Cursor& cursor);

}  // namespace toolkit::condition
